"""Vitrina: what of the Evotor till's catalogue is published in the VK community, and why."""
