"""Changes of the rules: looked at, applied, taken back."""
