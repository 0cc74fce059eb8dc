"""The tables of stores, groups and goods."""
