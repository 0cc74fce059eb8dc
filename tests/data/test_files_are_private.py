"""What the product writes to the disk is nobody else's to read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.data.db import db
from app.publishing.photos.picture_files import PictureFiles
from app.publishing.photos.pictures import Picture
from tests.product import AppMaker


@pytest.fixture(autouse=True)
def careless_shell() -> Iterator[None]:
    """Start as most shells do: what is written may be read by everybody."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_the_database_and_the_pictures(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app(database_url=f"sqlite:///{tmp_path / 'vitrina.db'}")
    with app.app_context():
        db.session.execute(text("CREATE TABLE secrets (token TEXT)"))
        db.session.execute(text("INSERT INTO secrets VALUES ('x')"))
        db.session.commit()
        PictureFiles(app.extensions["settings"].media_dir, 1).put(Picture(b"picture", "a" * 64, 400))
        db.session.remove()
    written = [path for path in tmp_path.rglob("*") if path.name != "media"]
    assert len(written) >= 4
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def test_what_an_older_version_left_open_is_closed_at_the_next_start(
    make_app: AppMaker, tmp_path: Path
) -> None:
    database, media = tmp_path / "old.db", tmp_path / "media"
    media.mkdir(mode=0o755)
    left = [media, *(tmp_path / f"old.db{suffix}" for suffix in ("", "-wal", "-shm"))]
    for path in left[1:]:
        path.touch(mode=0o644)
    make_app(database_url=f"sqlite:///{database}")
    assert [path.stat().st_mode & 0o077 for path in left] == [0, 0, 0, 0]
