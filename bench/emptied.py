"""Take a catalogue out again, to time a first refresh anew: `python -m bench.emptied DATABASE_URL`."""

import json
import sys

from sqlalchemy import create_engine, delete, text

import app.factory  # noqa: F401 (it knows all tables)
from app.config import with_psycopg
from app.data.db import db

_TABLES = (
    "cached_products",
    "cached_groups",
    "cached_group_sizes",
    "cached_stores",
    "name_blocks",
    "name_grams",
)


def main() -> None:
    """Empty the tables, and leave no dead rows behind."""
    engine = create_engine(with_psycopg(sys.argv[1]), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in _TABLES:
            connection.execute(delete(db.metadata.tables[table]))
        if engine.dialect.name == "postgresql":
            connection.execute(text("VACUUM FULL"))
    print(json.dumps({}))


if __name__ == "__main__":
    main()
