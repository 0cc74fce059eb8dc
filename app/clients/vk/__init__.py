"""VK and VK ID over HTTP."""
