"""Assessments to what a map shows of them."""
