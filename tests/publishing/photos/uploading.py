"""Pictures to upload, and the way to do it."""

import io
from functools import cache
from typing import Any

from PIL import Image

from tests.checking_client import CheckedResponse
from tests.owners import Owner

GOOD = {"store_id": "s1", "product_id": "p1"}
GROUP = {"store_id": "s1", "group_id": "g1"}


@cache
def jpeg(colour: str = "teal", size: tuple[int, int] = (500, 400)) -> bytes:
    """A photograph of one colour."""
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG")
    return data.getvalue()


def upload(
    owner: Owner, *files: tuple[str, bytes], to: dict[str, str] = GOOD, htmx: bool = False
) -> CheckedResponse:
    """Send files, by name and content, as the form does."""
    data: dict[str, Any] = {**to, "photo": [(io.BytesIO(content), name) for name, content in files]}
    if htmx:
        return owner.client.htmx_post("/catalog/photos", data)
    return owner.client.post("/catalog/photos", data=data)


def shown(owner: Owner, of: dict[str, str] = GOOD) -> list[str]:
    """The addresses of a good's or a group's own pictures, in their order."""
    page = owner.client.get("/catalog/photos", query_string=of).page
    return page.select("//*[@id='photos']//li[.//form]/img/@src")


def acts(owner: Owner, action: str, of: dict[str, str] = GOOD) -> list[str]:
    """The addresses of the forms that order or delete pictures, in the order of the page."""
    page = owner.client.get("/catalog/photos", query_string=of).page
    return page.select(f"//*[@id='photos']//form/@action[contains(., '/{action}')]")
