"""Pages and own files travel compressed; files that stream, and pictures, go as they are."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.stock import Stock, group, product

ANY = {"Accept-Encoding": "gzip, deflate, br, zstd"}
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def stock(alice: Owner) -> Stock:
    stock = Stock(alice)
    goods = [product(f"p{number:02}", f"Чай {number:02}", "tea") for number in range(60)]
    stock.put(groups=[group("tea", "Чай")], products=goods)
    return stock


def test_a_page_is_compressed_as_its_reader_can_read_it(app: Flask, alice: Owner, stock: Stock):
    cookie = alice.client.get_cookie("session")
    assert cookie is not None
    # The checking client reads plain text only.
    visitor = FlaskClient(app, app.response_class)
    visitor.set_cookie("session", cookie.value)
    address = "/catalog/products?store_id=s1"
    for headers, encoding in ((ANY, "zstd"), (GZIP, "gzip"), ({}, None)):
        answer = visitor.get(address, headers=headers)
        assert answer.headers.get("Content-Encoding") == encoding
        assert "Accept-Encoding" in answer.headers["Vary"] and "HX-Request" in answer.headers["Vary"]
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        if encoding:
            assert len(answer.data) < 12_000
    assert "Чай 07" in gzip.decompress(visitor.get(address, headers=GZIP).data).decode()


@pytest.mark.parametrize("file_format", ["", "&format=csv-ru", "&format=excel"])
def test_a_file_goes_as_it_is_and_begins_at_once(alice: Owner, stock: Stock, file_format: str):
    address = f"/catalog/export?type=products&store_id=s1{file_format}"
    with alice.client.get(address, headers=ANY) as answer:
        assert answer.status_code == 200 and "Content-Encoding" not in answer.headers
        if file_format != "&format=excel":
            assert answer.is_streamed


def test_own_files_are_compressed_and_asked_for_again_only_when_they_changed(client: CheckingClient):
    for name in ("site.css", "site.js", "vendor/htmx-4.0.1.min.js"):
        plain, packed = client.get(f"/static/{name}"), client.get(f"/static/{name}", headers=GZIP)
        assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
        assert gzip.decompress(packed.data) == plain.data and len(packed.data) < len(plain.data) / 2
        assert packed.headers["ETag"] != plain.headers["ETag"]
        again = client.get(f"/static/{name}", headers={**GZIP, "If-None-Match": packed.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
