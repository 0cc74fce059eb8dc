"""Pictures that their owner takes away while a run is on its way to send them."""

from collections.abc import Callable
from typing import Any

import pytest

from app.clients.vk.photos import ProductPhotos
from tests.publishing.conftest import Publishing
from tests.publishing.photos.uploading import acts, jpeg, upload
from tests.stock import Stock


@pytest.fixture
def before_the_first_upload(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Let something happen when the run sends its first picture."""

    def happens(what: Callable[[], Any]) -> None:
        send, waiting = ProductPhotos.upload, [what]

        def upload(photos: ProductPhotos, picture: bytes) -> int:
            while waiting:
                waiting.pop()()
            return send(photos, picture)

        monkeypatch.setattr(ProductPhotos, "upload", upload)

    return happens


def test_a_new_good_goes_with_what_has_replaced_its_picture(
    publishing: Publishing, tea: Stock, before_the_first_upload: Callable[[Callable[[], Any]], None]
) -> None:
    upload(publishing.owner, ("a.jpg", jpeg()))

    def replace() -> None:
        (taken_away,) = acts(publishing.owner, "delete")
        publishing.owner.client.post(taken_away)
        upload(publishing.owner, ("b.jpg", jpeg("maroon")))

    before_the_first_upload(replace)
    run = publishing.publish()
    assert (run.status, run.done, run.failed, run.total) == ("done", 3, 0, 3)
    assert not publishing.plan().has_work


def test_a_listing_gets_a_card_when_its_picture_is_taken_away(
    publishing: Publishing, tea: Stock, before_the_first_upload: Callable[[Callable[[], Any]], None]
) -> None:
    publishing.publish()
    upload(publishing.owner, ("a.jpg", jpeg()))
    upload(publishing.owner, ("b.jpg", jpeg("maroon")), to={"store_id": "s1", "product_id": "p2"})

    def take_away() -> None:
        for good in ("p1", "p2"):
            of = {"store_id": "s1", "product_id": good}
            for each in acts(publishing.owner, "delete", of):
                publishing.owner.client.post(each)

    before_the_first_upload(take_away)
    run = publishing.publish()
    assert (run.status, run.failed) == ("done", 0)


def test_taking_a_run_back_refuses_a_picture_that_is_gone(publishing: Publishing, tea: Stock) -> None:
    upload(publishing.owner, ("a.jpg", jpeg()))
    publishing.publish()
    (taken_away,) = acts(publishing.owner, "delete")
    publishing.owner.client.post(taken_away)
    run = publishing.publish()
    publishing.owner.client.post(f"/sync/publish/{run.id}/undo")
    publishing.run_jobs()
    assert publishing.run(run.id + 1).status == "partial"
