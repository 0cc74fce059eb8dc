"""Own files carry the version of their content in the address, and a browser keeps them for a year."""

import json
import re
from io import BytesIO
from urllib.parse import urljoin

import pytest
from PIL import Image

from app.config import ROOT
from tests.checking_client import CheckingClient

KEPT = "public, max-age=31536000, immutable"


@pytest.fixture
def addresses(client: CheckingClient) -> list[str]:
    """What a page asks for besides itself."""
    return client.get("/login").page.select("//head/link/@href | //script/@src")


def test_a_page_asks_for_few_files_and_each_has_its_version(addresses: list[str]):
    assert len(addresses) == 6
    assert all(re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{12}", address) for address in addresses)


def test_a_file_with_its_version_is_kept_for_a_year(client: CheckingClient, addresses: list[str]):
    for address in addresses:
        with client.get(address) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, KEPT)
        with client.get(address, headers={"If-None-Match": answer.headers["ETag"]}) as again:
            assert again.status_code == 304


def test_a_file_under_another_version_is_asked_for_again(client: CheckingClient, addresses: list[str]):
    for address in addresses:
        for other in (address.partition("?")[0], f"{address}0"):
            with client.get(other) as answer:
                assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_one_stylesheet_holds_every_part_and_every_icon(client: CheckingClient):
    sheet = client.get("/static/site.css").text
    for part in (ROOT / "static" / "css").glob("*.css"):
        rules = (
            re.sub(r'url\("\.\./.*?"\)|/\*.*?\*/\s*', "", part.read_text(), flags=re.DOTALL)
            .strip()
            .splitlines()
        )
        assert rules[-2].strip() in sheet and rules[0] in sheet, part.name
    assert 'url("../' not in sheet and sheet.count("data:image/svg+xml,") >= 6


def test_one_script_holds_every_part(client: CheckingClient):
    script = client.get("/static/site.js").text
    assert all(part.read_text() in script for part in (ROOT / "static" / "js").glob("*.js"))


def test_the_manifest_names_icons_that_are_there_and_as_large_as_it_says(client: CheckingClient):
    (address,) = client.get("/login").page.select("//link[@rel='manifest']/@href")
    with client.get(address) as answer:
        assert answer.mimetype == "application/manifest+json"
        manifest = json.loads(answer.data)
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        with client.get(urljoin(address, icon["src"])) as picture:
            assert picture.mimetype == icon["type"]
            if icon["type"] == "image/png":
                width, height = Image.open(BytesIO(picture.data)).size
                assert icon["sizes"] == f"{width}x{height}"


@pytest.mark.parametrize("date", ["Mon, 01 Jan 99999999999 00:00:00 GMT", "1 Jan 2001 99999999999:0:0"])
def test_a_date_beyond_all_calendars_is_as_good_as_none(client: CheckingClient, date: str):
    with client.get("/static/site.js", headers={"If-Modified-Since": date}) as answer:
        assert answer.status_code == 200


def test_an_unknown_file_is_not_found(client: CheckingClient):
    for address in ("/static/nothing.css", "/static/../setup.cfg", "/static/css"):
        assert client.get(address).status_code == 404


def test_each_other_language_has_a_script_that_knows_all_that_it_says(client: CheckingClient):
    russian = client.get("/static/site.js").text
    client.post("/language", data={"language": "en"})
    (address,) = client.get("/login").page.select("//script[contains(@src, 'site')]/@src")
    assert address.startswith("/static/site.en.js?v=")
    answer = client.get(address)
    assert (answer.headers["Cache-Control"], answer.text[-len(russian) :]) == (KEPT, russian)
    said = re.search(r"^const words = (\{.*\});$", answer.text, re.MULTILINE)
    assert said
    words = json.loads(said[1])
    assert words["Отменить"] == "Undo" and len(words) > 10
    assert not [word for word in words.values() if re.search("[А-яЁё]", word)]
    assert client.get("/static/site.de.js").status_code == 404
