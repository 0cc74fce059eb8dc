"""What is published: the default, the rules and their resolver."""
