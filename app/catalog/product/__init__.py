"""One good on a page of its own: what the till knows, what is decided, and how it looks in VK."""
