"""The tables' common base: plain SQLAlchemy, so that a script gets at the tables without loading the web."""

from typing import ClassVar

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase

# For a table's arguments: SQLite, too, gives the key of a deleted row to no other. A page, a session or a job
# that outlives a row must not meet another one under its key.
KEYS_NEVER_RETURN = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    # No class of ours stands for anything but a table.
    __table__: ClassVar[Table]

    # Named constraints let Alembic drop and alter them on both databases.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
