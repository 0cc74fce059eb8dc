"""Photos by the hundred: an archive or many files, looked through first, kept on the owner's word."""
