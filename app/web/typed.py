"""What somebody has typed into a field of search, cleaned in one way wherever that is."""

LONGEST_SEARCH = 200


def typed_words(text: str) -> str:
    """One blank between words, and none of the signs that no database takes."""
    return " ".join(text.replace("\0", " ").split())
