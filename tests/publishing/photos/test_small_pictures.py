"""Small pictures beside the goods of lists: made once, kept beside the large ones, private."""

import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.config import Settings
from app.publishing.photos.keeping import PictureFiles
from app.publishing.photos.small import small_picture
from tests.owners import Owner
from tests.publishing.photos.test_hostile_uploads import png
from tests.publishing.photos.uploading import GOOD, GROUP, acts, jpeg, shown, upload
from tests.stock import Stock, group, product

LISTS = ("/catalog/products?store_id=s1", "/catalog/all", "/catalog/products?store_id=s1&group_id=g0")


@pytest.fixture(autouse=True)
def tea(stock: Stock) -> None:
    """Goods in groups that lie in one another, also in a loop, and the same ids in another store."""
    groups = [group("g0", parent="loop"), group("g1", parent="g0"), group("loop", parent="g0")]
    goods = [product("p1", group="g1"), product("p2", group="g1"), product("p3", group="g0"), product("p4")]
    stock.put(groups=groups, products=goods)
    stock.put("s2", "Киоск", groups=groups, products=goods)


def small(owner: Owner, address: str = LISTS[0]) -> dict[str, str]:
    """The small picture of each row that has one, by store and good."""
    page = owner.client.get(address).page
    rows = page.select("//tr[@data-entity='product'][th/img]")
    return {
        f"{row.get('data-store-id')}/{row.get('data-evotor-id')}": row.find("th/img").get("src")
        for row in rows
    }


def file(settings: Settings, kind: str) -> Path:
    (found,) = settings.media_dir.rglob(f"*.{kind}")
    return found


def test_each_row_shows_the_first_of_its_own_or_of_the_nearest_group(alice: Owner, stock: Stock) -> None:
    bare = [alice.client.get(address).text for address in LISTS]
    assert not any("<img" in page for page in bare)
    outer = {"store_id": "s1", "group_id": "g0"}
    upload(alice, ("g.jpg", jpeg("navy")), to=outer)
    upload(alice, ("g.jpg", jpeg("gold")), to=GROUP)
    upload(alice, ("a.jpg", jpeg("red")), ("b.jpg", jpeg("pink")))
    ((of_group,), (nearest,), (first, second)) = (
        [f"{address}/small" for address in shown(alice, of)] for of in (outer, GROUP, GOOD)
    )
    expected = {"s1/p1": first, "s1/p2": nearest, "s1/p3": of_group}
    for address in LISTS:
        assert small(alice, address) == expected
    alice.client.post(acts(alice, "order")[-1], data={"to": "earlier"})
    assert small(alice)["s1/p1"] == second
    (head,) = alice.client.get(LISTS[0]).page.select("//tr[@data-evotor-id='p2']/th/@id")
    clicked = alice.client.htmx_post(f"/catalog/filter?row={head}", {"filter_mode": "exclude"})
    assert clicked.page.select("//th/img/@src") == [nearest]


def test_a_row_carries_little_for_it_and_says_its_size_and_nothing_else(alice: Owner, stock: Stock) -> None:
    upload(alice, ("a.jpg", jpeg()))
    html = alice.client.get(LISTS[0]).text
    assert html.count("<img") == 1 and len(html[html.index("<img") :].partition(">")[0]) < 100
    (image,) = alice.client.get(LISTS[0]).page.select("//th/img")
    assert (image.get("alt"), image.get("loading")) == ("", "lazy")
    assert (image.get("width"), image.get("height")) == ("32", "32")


def test_it_is_kept_with_the_picture_and_goes_with_it(alice: Owner, bob: Owner, settings: Settings) -> None:
    upload(alice, ("a.jpg", jpeg(size=(900, 300))))
    (address,) = small(alice).values()
    kept = file(settings, "webp").read_bytes()
    answer = alice.client.get(address)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/webp", kept)
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(kept)).size == (96, 96)
    assert bob.client.get(address).status_code == 404
    (delete,) = acts(alice, "delete")
    alice.client.post(delete)
    assert not [path for path in settings.media_dir.rglob("*") if path.is_file()]
    assert alice.client.get(address).status_code == 404 and small(alice) == {}


def test_of_an_older_picture_it_is_made_when_it_is_looked_at(
    alice: Owner, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(alice, ("a.jpg", jpeg()))
    (address,) = small(alice).values()
    made = file(settings, "webp")
    before = made.read_bytes()

    def no_space(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for cut_off in (made.unlink, lambda: made.write_bytes(b"")):
        cut_off()
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", no_space)
            assert alice.client.get(address).data == before
        assert alice.client.get(address).data == before
        assert file(settings, "webp").read_bytes() == before
    assert {path.suffix for path in settings.media_dir.rglob("*") if path.is_file()} == {".jpg", ".webp"}


@pytest.mark.parametrize(
    "broken",
    {
        "cut off": jpeg()[:200],
        "no picture": b"<svg/>",
        "a bomb": png(30_000, 30_000, b""),
        "larger than any of ours": jpeg(size=(1300, 1300)),
        "nothing": b"",
    }.values(),
)
def test_a_picture_that_is_broken_on_the_disk_is_not_found(
    alice: Owner, settings: Settings, broken: bytes
) -> None:
    upload(alice, ("a.jpg", jpeg()))
    (address,) = small(alice).values()
    file(settings, "webp").unlink()
    file(settings, "jpg").write_bytes(broken)
    assert alice.client.get(address).status_code == 404
    assert not list(settings.media_dir.rglob("*.webp"))


def test_a_picture_that_goes_while_it_is_made_small_leaves_nothing_behind(
    alice: Owner, settings: Settings
) -> None:
    class Removed(PictureFiles):
        def read(self, digest: str) -> bytes:
            data = super().read(digest)
            self.remove(digest)
            return data

    upload(alice, ("a.jpg", jpeg()))
    digest = file(settings, "jpg").stem
    file(settings, "webp").unlink()
    assert small_picture(Removed(settings.media_dir, alice.id), digest)
    assert not [path for path in settings.media_dir.rglob("*") if path.is_file()]
