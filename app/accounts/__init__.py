"""Owners: registration, sign-in, the personal page."""
