"""The cached catalogue: tables, refresh, export."""
