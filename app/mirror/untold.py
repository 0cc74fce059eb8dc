"""What stands for the type of a good that Evotor has not told, though it tells that of most."""

# No type of Evotor's begins so.
UNTOLD = "?"
