"""The owner's own views: lists of goods that are kept under a name."""
