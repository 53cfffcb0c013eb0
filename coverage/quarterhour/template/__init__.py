"""A new study: a folder with a study file and workbooks to fill in."""
