"""The runs that bring the catalogue up to date."""
