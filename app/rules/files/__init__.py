"""Rules as a file for a spreadsheet."""
