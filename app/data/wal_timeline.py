"""On which timeline of its log a PostgreSQL server writes: another one is another server's."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

# Where a worker keeps the timeline that it began on, among the application's extensions.
BEGAN_ON = "wal_timeline"


def wal_timeline(engine: Engine) -> str | None:
    """The timeline of a PostgreSQL server: another once a replica has taken its place; None when unknown.

    The first eight letters of a segment of its log, which every user may ask for.
    Reference: https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES
    """
    if engine.dialect.name != "postgresql":
        return None
    try:
        with engine.connect() as connection:
            return connection.scalar(text("SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)"))
    except SQLAlchemyError:
        return None
