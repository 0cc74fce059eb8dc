"""Take a catalogue out again, to time a first refresh anew: `python -m bench.emptied DATABASE_URL`."""

import json
import sys

from sqlalchemy import create_engine, delete, text

from app.config import with_psycopg
from app.mirror.known_pages import KnownPages
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, GroupSize
from app.mirror.name_blocks import NameBlock, NameGram


def main() -> None:
    """Do so."""
    empty(sys.argv[1])
    print(json.dumps({}))


def empty(database_url: str) -> None:
    """Empty the tables, and leave no dead rows behind."""
    engine = create_engine(with_psycopg(database_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in (CachedProduct, CachedGroup, GroupSize, CachedStore, NameBlock, NameGram, KnownPages):
            connection.execute(delete(table))
        if engine.dialect.name == "postgresql":
            connection.execute(text("VACUUM FULL"))
    engine.dispose()


if __name__ == "__main__":
    main()
