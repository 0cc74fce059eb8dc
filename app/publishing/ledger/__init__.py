"""The ledger of what is in the community, ours and others'."""
