"""The database: its engine, its types, what is encrypted in it."""
