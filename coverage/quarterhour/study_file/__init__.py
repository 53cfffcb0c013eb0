"""The study file: every key, its type, and what is wrong with it in words."""
