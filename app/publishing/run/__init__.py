"""Runs: asked for, planned, carried out call by call, paused, stopped, taken back; and readings of VK."""
