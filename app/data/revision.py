"""What tells one state of the database from another: its release, and the timeline of its server."""

import re

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.config import ROOT

# Where a worker keeps the timeline that it began on, among the application's extensions.
TIMELINE = "timeline"
_NUMBER = re.compile(r"(\d{4})_\w+\.py")


def newest_revision() -> str:
    """The newest migration of this release: they are numbered in their order."""
    files = (ROOT / "migrations" / "versions").iterdir()
    return max(found[1] for file in files if (found := _NUMBER.fullmatch(file.name)))


def is_behind(engine: Engine) -> bool:
    """Tell whether migrations of this release have yet to be run.

    A database of a newer release is not behind, and one that does not answer is no reason to wait.
    """
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return True
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return False
    return revision is None or revision < newest_revision()


def timeline_of(engine: Engine) -> str | None:
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
