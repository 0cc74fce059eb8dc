"""Uploads: a real form with a real picture, judged by its own header."""

import json
from io import BytesIO

import pytest

from sandbox.vk.picture_header import read_header
from tests.sandbox.market.conftest import Shop, picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_the_header_is_read_whatever_the_picture_is_called(kind: str) -> None:
    header = read_header(picture(401, 733, kind))
    assert header and (header.content_type, *header[1:]) == (f"image/{kind.lower()}", 401, 733)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBP", b"<html>"])
def test_what_is_no_picture_has_no_header(data: bytes) -> None:
    assert read_header(data) is None


def test_a_picture_is_uploaded_saved_and_shown(shop: Shop) -> None:
    data = picture(800, 600)
    sent = shop.upload(data)
    assert {"sha", "secret", "meta", "hash", "server", "user_id", "group_id"} <= json.loads(sent).keys()
    saved = shop.do("market.saveProductPhoto", upload_response=sent)
    item_id = shop.add(main_photo_id=saved["photo_id"])
    sizes = {size["type"]: size for size in shop.item(item_id)["photos"][0]["sizes"]}
    assert (sizes["y"]["width"], sizes["y"]["height"]) == (800, 600)
    assert shop.visitor.get(sizes["y"]["url"]).data == data
    thumb = shop.visitor.get(shop.item(item_id)["thumb_photo"])
    header = read_header(thumb.data)
    assert header and max(header.width, header.height) == 200


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (picture(399, 800), "ERR_UPLOAD_BAD_IMAGE_SIZE: market photo min size 400x400"),
        (picture(13_000, 1_001), "ERR_UPLOAD_BAD_IMAGE_SIZE: market photo max sum of sides 14000"),
        (picture(4_100, 400), "ERR_UPLOAD_BAD_IMAGE_SIZE: market photo bad ratio of sides"),
        (b"", "ERR_UPLOAD_FILE_NOT_UPLOADED: file not uploaded"),
        (b"%PDF-1.7", "ERR_UPLOAD_FILE_NOT_SUPPORTED: file type is not supported"),
    ],
)
def test_a_bad_picture_is_an_error_with_status_200(shop: Shop, data: bytes, error: str) -> None:
    sent = shop.upload(data)
    assert json.loads(sent)["error"] == error and json.loads(sent)["bwact"] == "do_add"
    assert shop.refused("market.saveProductPhoto", upload_response=sent)[0] == 129


def test_a_picture_has_a_largest_size(shop: Shop) -> None:
    shop.vk.limits.photo_bytes = 100
    assert "ERR_UPLOAD_FILE_TOO_BIG" in shop.upload(picture())


def test_the_field_is_called_file_and_the_address_is_known(shop: Shop) -> None:
    assert "ERR_UPLOAD_FILE_NOT_UPLOADED" in shop.upload(picture(), field="photo")
    assert "ERR_UPLOAD_BAD_REQUEST" in shop.upload(picture(), url="/vk-pictures/upload/unknown")
    url = shop.upload_url()
    shop.vk.ahead = shop.vk.limits.upload_seconds + 1
    assert "ERR_UPLOAD_BAD_REQUEST" in shop.upload(picture(), url=url)


def test_one_address_takes_many_pictures_and_equal_ones_get_numbers_of_their_own(shop: Shop) -> None:
    url = shop.upload_url()
    sent = [shop.upload(picture(), url) for _ in range(2)]
    photos = [shop.do("market.saveProductPhoto", upload_response=each)["photo_id"] for each in sent]
    assert len(set(photos)) == 2


def test_an_upload_is_saved_once_and_only_as_it_came(shop: Shop) -> None:
    sent = json.loads(shop.upload(picture()))
    for changed in ({**sent, "sha": "0"}, {**sent, "hash": "0"}, {**sent, "group_id": 1}):
        assert shop.refused("market.saveProductPhoto", upload_response=json.dumps(changed))[0] == 121
    shop.do("market.saveProductPhoto", upload_response=json.dumps(sent))
    assert shop.refused("market.saveProductPhoto", upload_response=json.dumps(sent))[0] == 121
    for broken in ("", "{", "[]", "5"):
        assert shop.refused("market.saveProductPhoto", upload_response=broken)[0] == 100


def test_five_pictures_go_at_once(shop: Shop) -> None:
    form = {f"file{number}": (BytesIO(picture()), f"{number}.jpg") for number in range(1, 6)}
    sent = shop.visitor.post(shop.upload_url(bulk="1"), data=form).text
    saved = shop.do("market.saveProductPhotoBulk", upload_response=sent)
    assert len({each["photo_id"] for each in saved}) == 5
    assert shop.refused("market.saveProductPhotoBulk", upload_response="{}")[0] == 100
    assert "ERR_UPLOAD" in shop.visitor.post(shop.upload_url(bulk="1"), data={}).text


@pytest.mark.parametrize("method", ["photos.getMarketUploadServer", "photos.saveMarketPhoto"])
def test_the_old_way_is_closed(shop: Shop, method: str) -> None:
    assert shop.refused(method, group_id=shop.community.id) == (3, "Unknown method passed")


def test_photos_may_need_a_right_of_their_own(shop: Shop) -> None:
    shop.vk.habits.photo_scope = "photos"
    assert shop.refused("market.getProductPhotoUploadServer", group_id=shop.community.id)[0] == 15


def test_an_unknown_picture_is_not_found(shop: Shop) -> None:
    assert shop.visitor.get("/vk-pictures/unknown/200").status_code == 404
