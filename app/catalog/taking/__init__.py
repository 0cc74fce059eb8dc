"""Photos taken one good after the other, on a phone."""
