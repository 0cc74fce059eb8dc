"""Pictures of goods: taken in, kept, shown to their owner."""
