"""Others who show a table of a database in a browser, beside ours."""
