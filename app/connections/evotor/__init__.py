"""The owner's account at Evotor."""
