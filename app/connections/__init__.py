"""Accounts in the clouds: connecting, checking, forgetting."""
