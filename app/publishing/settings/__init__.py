"""The owner's settings of publication."""
