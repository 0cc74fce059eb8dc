"""The list of all rules: look them through, and take them off one by one or many at once."""
