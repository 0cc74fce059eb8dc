"""New goods, one after another, until each is decided about."""
