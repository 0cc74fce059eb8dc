"""A picture whose file is not there any more: its good waits, and goes once the file is back."""

from collections.abc import Callable

import pytest

from app.config import Settings
from tests.publishing.conftest import Publishing
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock


def lose_files(settings: Settings) -> None:
    for path in settings.media_dir.rglob("*.jpg"):
        path.unlink()


def spoil_files(settings: Settings) -> None:
    for path in settings.media_dir.rglob("*.jpg"):
        data = path.read_bytes()
        path.write_bytes(data[:-200] + bytes(200))


@pytest.mark.parametrize("lose", [lose_files, spoil_files])
def test_the_same_picture_sent_again_lets_its_new_good_go(
    publishing: Publishing, tea: Stock, settings: Settings, lose: Callable[[Settings], None]
) -> None:
    upload(publishing.owner, ("a.jpg", jpeg()))
    whole = {path: path.read_bytes() for path in settings.media_dir.rglob("*.jpg")}
    lose(settings)
    run = publishing.publish()
    assert (run.status, run.done, run.failed) == ("partial", 2, 1)
    assert publishing.plan().counts["create"] == 0
    upload(publishing.owner, ("a.jpg", jpeg()))
    assert {path: path.read_bytes() for path in settings.media_dir.rglob("*.jpg")} == whole
    assert publishing.publish().status == "done"
    assert len(publishing.items) == 3 and not publishing.plan().has_work


def test_the_same_picture_sent_again_changes_the_listing_that_lacked_it(
    publishing: Publishing, tea: Stock, settings: Settings
) -> None:
    publishing.publish()
    before = publishing.items["A-1"].photos
    upload(publishing.owner, ("a.jpg", jpeg()))
    lose_files(settings)
    assert publishing.publish().status == "partial"
    upload(publishing.owner, ("a.jpg", jpeg()))
    assert publishing.publish().status == "done"
    assert publishing.items["A-1"].photos != before and not publishing.plan().has_work
