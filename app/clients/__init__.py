"""Adapters to foreign clouds: HTTP and JSON in, typed values out. Nothing here knows our tables."""
