"""The life of a run in the background, once for all kinds: its row, what the web does, what a worker does."""
