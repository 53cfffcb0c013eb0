"""Readers of every kind of input; the only modules that open files of the user."""
