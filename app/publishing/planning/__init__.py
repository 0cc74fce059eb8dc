"""What should be in the community and what to do about it: pure, without tables, web or network."""
