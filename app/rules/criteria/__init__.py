"""Conditions on goods: what they are, as SQL, in words, and their page."""
