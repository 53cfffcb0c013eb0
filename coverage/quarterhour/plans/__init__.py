"""City plans on the data of a study: their targets, and their lists of projects."""
