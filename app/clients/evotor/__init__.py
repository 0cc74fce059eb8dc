"""Evotor over HTTP."""
