"""What every page needs: forms, errors, headers, HTMX, how things are written."""
