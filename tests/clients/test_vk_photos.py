"""Pictures on their way into a shop: one address for many, a new one when it fails, none elsewhere."""

from collections.abc import Iterator

import pytest
from werkzeug import Request, Response

from app.clients.errors import Action, BadPayload, BadRequest, CloudError, RateLimited, UnknownOutcome
from app.clients.vk.meanings import Meaning
from app.clients.vk.photos import ProductPhotos, check_address
from tests.clients.vk_cloud import JPEG, SHOP, VkCloud, jpeg_of, vk_cloud
from tests.servers import HttpServer

ADDRESS = "market.getProductPhotoUploadServer"
SAVE = "market.saveProductPhoto"


@pytest.fixture
def cloud() -> Iterator[VkCloud]:
    with vk_cloud() as cloud:
        yield cloud


@pytest.fixture
def photos(cloud: VkCloud) -> ProductPhotos:
    return cloud.shop()[1]


def test_one_address_serves_a_whole_run(cloud: VkCloud, photos: ProductPhotos) -> None:
    ids = {photos.upload(JPEG) for _ in range(3)}
    assert ids == set(cloud.vk.market(SHOP).photos)
    assert cloud.vk.calls.by_method == {ADDRESS: 1, "upload": 3, SAVE: 3}


def test_an_address_that_grew_old_is_replaced(cloud: VkCloud, photos: ProductPhotos) -> None:
    photos.upload(JPEG)
    cloud.vk.ahead = cloud.vk.limits.upload_seconds + 1
    photos.upload(JPEG)
    assert cloud.vk.calls.by_method[ADDRESS] == 2


@pytest.mark.parametrize("fault", ["status_500", "status_502", "garbage", "html_body", "cut", "truncated"])
def test_what_goes_wrong_on_the_way_is_tried_once_more(
    cloud: VkCloud, photos: ProductPhotos, fault: str
) -> None:
    cloud.vk.faults.add(fault, method="upload", times=1)
    assert photos.upload(JPEG) in cloud.vk.market(SHOP).photos
    assert (cloud.vk.calls.uploads, cloud.vk.calls.by_method[SAVE]) == (2, 1)
    cloud.vk.faults.add(fault, method="upload", times=2)
    with pytest.raises(CloudError):
        photos.upload(JPEG)
    assert cloud.vk.calls.uploads == 4


def test_a_silent_upload_server_is_not_waited_for_longer_than_asked(
    cloud: VkCloud, photos: ProductPhotos, monkeypatch: pytest.MonkeyPatch
) -> None:
    def patience(_: ProductPhotos) -> tuple[float, float]:
        """Little for the silent one, all for the next: a busy machine may be slow with an honest answer."""
        return 60, 0.2 if cloud.vk.faults.active() else 60

    monkeypatch.delattr(photos, "_timeout")
    monkeypatch.setattr(ProductPhotos, "_timeout", property(patience), raising=False)
    cloud.vk.faults.add("silence", method="upload", times=1)
    assert photos.upload(JPEG) in cloud.vk.market(SHOP).photos
    assert cloud.vk.calls.by_method[ADDRESS] == 2


@pytest.mark.parametrize(
    ("picture", "meaning"),
    [
        (jpeg_of(399, 399), Meaning.PHOTO_TOO_SMALL),
        (b"not a picture", Meaning.PHOTO_FORMAT),
    ],
)
def test_a_picture_that_vk_does_not_take_is_refused_once(
    cloud: VkCloud, photos: ProductPhotos, picture: bytes, meaning: Meaning
) -> None:
    with pytest.raises(BadRequest) as refused:
        photos.upload(picture)
    assert (refused.value.meaning, refused.value.action) == (meaning, Action.THIS_ITEM)
    assert cloud.vk.calls.uploads == 1 and cloud.vk.calls.by_method[SAVE] == 0


@pytest.mark.parametrize("code", [121, 129])
def test_a_photo_that_was_not_accepted_is_sent_again_once(
    cloud: VkCloud, photos: ProductPhotos, code: int
) -> None:
    cloud.vk.faults.refuse(code, SAVE, times=1)
    photos.upload(JPEG)
    cloud.vk.faults.refuse(code, SAVE, times=2)
    with pytest.raises(BadRequest) as refused:
        photos.upload(JPEG)
    assert refused.value.meaning is Meaning.PHOTO_STALE
    assert cloud.vk.calls.uploads == 4


def test_a_save_without_an_answer_is_not_repeated(cloud: VkCloud, photos: ProductPhotos) -> None:
    cloud.vk.faults.lose(SAVE)
    with pytest.raises(UnknownOutcome):
        photos.upload(JPEG)
    assert cloud.vk.calls.by_method[SAVE] == 1


def test_a_flood_is_not_mistaken_for_a_bad_address(cloud: VkCloud, photos: ProductPhotos) -> None:
    cloud.vk.faults.refuse(9, SAVE)
    with pytest.raises(RateLimited):
        photos.upload(JPEG)
    assert cloud.vk.calls.by_method == {ADDRESS: 1, "upload": 1, SAVE: 1}


@pytest.mark.parametrize("status", [302, 307])
def test_an_upload_server_gets_no_token_and_is_not_followed(cloud: VkCloud, status: int) -> None:
    asked: list[Request] = []

    @Request.application
    def leads_on(request: Request) -> Response:
        request.get_data()
        asked.append(request)
        return Response(status=status, headers={"Location": "/elsewhere"})

    server, token = HttpServer(leads_on), cloud.tokens()[0].access_token
    cloud.vk.faults.add("foreign_upload_url", url=f"{server.url}/upload")
    with pytest.raises(CloudError):
        ProductPhotos(cloud.client(token).session, SHOP).upload(JPEG)
    server.close()
    assert {each.path for each in asked} == {"/upload"} and cloud.vk.calls.by_method[SAVE] == 0
    sent = [f"{each.query_string!r} {each.headers} {each.get_data()!r}" for each in asked]
    assert not any(token in each or "Authorization" in each for each in sent)


def test_an_address_that_leads_elsewhere_is_not_used(cloud: VkCloud, photos: ProductPhotos) -> None:
    cloud.vk.faults.add("foreign_upload_url")
    with pytest.raises(BadPayload, match="elsewhere"):
        photos.upload(JPEG)
    assert cloud.vk.calls.uploads == 0


PUBLIC, OWN = "https://93.184.215.14/upload", "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("address", "api", "is_good"),
    [
        (PUBLIC, "https://93.184.215.15", True),
        ("http://93.184.215.14/upload", "https://93.184.215.15", False),
        ("https://127.0.0.1/upload", "https://93.184.215.15", False),
        ("https://10.0.0.5/upload", "https://93.184.215.15", False),
        ("https://169.254.169.254/latest", "https://93.184.215.15", False),
        ("https://[::1]/upload", "https://93.184.215.15", False),
        ("https://[::ffff:127.0.0.1]/upload", "https://93.184.215.15", False),
        ("https://[fe80::1%25lo]/upload", "https://93.184.215.15", False),
        ("https://93.184.215.14\\@127.0.0.1/upload", "https://93.184.215.15", True),
        ("https://93.184.215.14@127.0.0.1/upload", "https://93.184.215.15", False),
        ("https://127.0.0.1\\@93.184.215.14/upload", "https://93.184.215.15", False),
        ("https://１２７.0.0.1/upload", "https://93.184.215.15", False),
        ("https:///upload", "https://93.184.215.15", False),
        ("https://2130706433/upload", "https://93.184.215.15", False),
        ("https://localhost/upload", "https://93.184.215.15", False),
        ("http://127.0.0.1:9000/upload", OWN, True),
        ("https://127.0.0.1:9000/upload", OWN, True),
        (PUBLIC, OWN, False),
        ("http://elsewhere.invalid/upload", OWN, False),
    ],
)
def test_an_upload_address_is_on_the_side_where_the_api_is(address: str, api: str, is_good: bool) -> None:
    if is_good:
        check_address(address, api)
    else:
        with pytest.raises(BadPayload):
            check_address(address, api)
