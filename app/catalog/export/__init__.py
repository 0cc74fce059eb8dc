"""The tables as files."""
