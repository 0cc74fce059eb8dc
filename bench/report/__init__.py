"""Figures, what they are promised to be, and the page that says so."""
