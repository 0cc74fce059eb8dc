"""Names of which few letters may be left once they are plain text: an index finds them.

What reading leaves of a name gets shorter by mark-up and blanks alone, and folding spares no blank either.
"""

from app.mirror.folding import fold

_FEW = 4
# Mark-up has one of the first two; the third becomes two letters when it is folded.
_SIGNS = "&<İ"
# As SQL, about the columns of one table. An equality: PostgreSQL takes few rows to fulfil one.
ODD_NAME = (
    f"CASE WHEN length(sort_name) < {_FEW} "
    "OR replace(replace(replace(name, '&', ''), '<', ''), 'İ', '') <> name THEN 1 ELSE 0 END = 1"
)


def is_odd(name: str) -> bool:
    """Tell the same of a name that is at hand."""
    return len(fold(name)) < _FEW or any(sign in name for sign in _SIGNS)
