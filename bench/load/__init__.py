"""Many owners at once on one web process and one worker."""
