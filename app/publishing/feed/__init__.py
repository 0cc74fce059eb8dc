"""The owner's goods as a YML price list, at an address that is a secret."""
