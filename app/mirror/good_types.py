"""What Evotor's types of goods are called, as far as it matters which they are; the set is an open one."""

# Of all that nothing is special about, and of what is no thing.
ORDINARY, SERVICE = "NORMAL", "SERVICE"
USUAL = ORDINARY, SERVICE
# Stands for a type that Evotor has not told, though it tells that of most goods: none of its own begins so.
UNTOLD = "?"
