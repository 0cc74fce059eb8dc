"""What both databases can take as a value, and give back: keys, times, texts."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, TypeDecorator

DEFAULT_TIMEZONE = "Europe/Moscow"
_LONGEST_ID = 255

# SQLite numbers rows by itself only in an INTEGER key.
BigId = BigInteger().with_variant(Integer, "sqlite")


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite gives times back without a zone; here they get theirs again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark a naive time as the UTC it is."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


def sorted_text(length: int) -> String:
    """A text column that both databases sort alike, by code points."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def fits_id(value: str) -> bool:
    """Tell whether `value` can be an id of one of Evotor's stores, groups or goods."""
    return fits_text(value, _LONGEST_ID)


def fits_text(value: str, longest: int) -> bool:
    """Tell whether `value` is a non-empty text that a column of `longest` characters can be asked for.

    PostgreSQL can write neither a NUL nor half a surrogate pair.
    """
    if not value or len(value) > longest or "\0" in value:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)
