"""Decisions made in the tables: a click, many rows at once."""
