"""What both databases can take as a value."""


def fits_text(value: str, longest: int) -> bool:
    """Tell whether `value` is a non-empty text that a column of `longest` characters can be asked for.

    PostgreSQL can write neither a NUL nor half a surrogate pair.
    """
    if not value or len(value) > longest or "\0" in value:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)
