"""The VK stand-in: VK ID, the API with its market, uploads, and the pages of its control desk."""
