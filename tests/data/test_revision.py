"""A worker waits for a database that is of an earlier release, and for no other."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.data.revision import is_behind, newest_revision


@pytest.mark.parametrize(
    ("revision", "waits"), [(None, True), ("0027", True), (newest_revision(), False), ("9999", False)]
)
def test_what_is_older_than_this_release_is_waited_for(revision: str | None, waits: bool) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        if revision:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": revision})
    assert is_behind(engine) is waits


def test_a_database_that_is_away_is_not_waited_for(tmp_path: Path) -> None:
    assert not is_behind(create_engine(f"sqlite:///{tmp_path / 'no' / 'folder.db'}"))
