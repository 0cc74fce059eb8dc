"""The owner's account and community at VK."""
