"""Whether the database is of this release, by its migrations."""

import re

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.config import ROOT

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
