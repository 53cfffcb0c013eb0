"""A map as PDF or picture: by an installed browser, or drawn plainly."""
