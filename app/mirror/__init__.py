"""The cached catalogue: what Evotor holds, as it was last read; it knows no rules."""
