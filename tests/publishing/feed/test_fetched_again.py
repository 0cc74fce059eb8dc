"""What has not changed is not sent again, and nobody looks at the goods to know."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from lxml import etree
from werkzeug.http import http_date, parse_date

from app.publishing.settings.save import save_settings
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.feed.conftest import Marketplace
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock, group, product

TEA = product("p1", "Улун молочный", "g1", price=350)


@pytest.fixture
def tea(stock: Stock) -> Stock:
    stock.put(groups=[group("g1", "Чай")], products=[TEA])
    return stock


def test_the_same_list_is_not_sent_twice_nor_its_goods_read(
    tea: Stock, marketplace: Marketplace, count_statements: Callable
) -> None:
    first = marketplace.get()
    with count_statements() as statements:
        by_tag = marketplace.get(**{"If-None-Match": first.headers["ETag"]})
        by_time = marketplace.get(**{"If-Modified-Since": first.headers["Last-Modified"]})
    assert (by_tag.status_code, by_tag.data) == (304, b"")
    assert (by_time.status_code, by_time.data) == (304, b"")
    assert not any("cached_products" in statement for statement in statements)
    assert len(statements) <= 2 * 7


@on_both
def test_every_change_of_what_it_is_made_of_is_noticed(
    app: Flask, tea: Stock, alice: Owner, marketplace: Marketplace
) -> None:
    def set_markup() -> None:
        with app.app_context():
            save_settings(alice.id, {"markup_percent": Decimal(10)})

    changes: dict[str, Callable[[], object]] = {
        "a price": lambda: tea.put(groups=[group("g1", "Чай")], products=[TEA._replace(price=Decimal(351))]),
        "a group": lambda: tea.put(groups=[group("g1", "Чаи")], products=[TEA._replace(price=Decimal(351))]),
        "a good gone": lambda: tea.put(groups=[group("g1", "Чаи")]),
        "a good come": lambda: tea.put(groups=[group("g1", "Чаи")], products=[TEA]),
        "a store": lambda: tea.put("s2", "Вокзал"),
        "a rule": lambda: tea.decide("group", "g1", "exclude"),
        "the default": lambda: tea.default("exclude"),
        "settings": set_markup,
        "a picture": lambda: upload(alice, ("oolong.jpg", jpeg())),
    }
    tags = {marketplace.get().headers["ETag"]}
    moments = [parse_date(marketplace.get().headers["Last-Modified"])]
    for what, change in changes.items():
        change()
        answer = marketplace.get()
        assert answer.headers["ETag"] not in tags, what
        tags.add(answer.headers["ETag"])
        moments.append(parse_date(answer.headers["Last-Modified"]))
    assert moments == sorted(set(moments), key=lambda moment: moment or datetime.now(UTC))
    # The same again is no change.
    tea.put("s2", "Вокзал")
    assert marketplace.get().headers["ETag"] in tags


@on_both
def test_a_card_is_not_sent_twice_nor_its_good_read_until_something_changes(
    app: Flask, tea: Stock, alice: Owner, marketplace: Marketplace, count_statements: Callable
) -> None:
    with app.app_context():
        save_settings(alice.id, {"photo_fallback": "card"})
    (offer,) = marketplace.offers().values()

    def ask(tag: str) -> tuple[int, str | None]:
        answer = marketplace.picture(offer, **{"If-None-Match": tag})
        return answer.status_code, answer.headers.get("ETag")

    tag = marketplace.picture(offer).headers["ETag"]
    with count_statements() as statements:
        assert ask(tag) == (304, tag)
    assert len(statements) == 2 and not any("cached_products" in each for each in statements)
    # Of what is not on the card the robot hears nothing either.
    tea.put(groups=[group("g1", "Чай")], products=[TEA._replace(price=Decimal(351))])
    assert ask(tag) == (304, tag)
    tea.put(groups=[group("g1", "Чай")], products=[TEA._replace(name="Улун сливочный")])
    status, renamed = ask(tag)
    assert status == 200 and renamed != tag
    with app.app_context():
        save_settings(alice.id, {"card_colour": "#223344"})
    status, coloured = ask(str(renamed))
    assert status == 200 and coloured not in (tag, renamed)
    tea.decide("group", "g1", "exclude")
    assert ask(str(coloured))[0] == 404
    tea.decide("group", "g1", None)
    upload(alice, ("oolong.jpg", jpeg()))
    assert ask(str(coloured))[0] == 404, "it has a photo of its own"


def test_who_has_an_older_one_gets_the_new_one(tea: Stock, marketplace: Marketplace) -> None:
    since = parse_date(marketplace.get().headers["Last-Modified"])
    assert since is not None
    older = http_date(since - timedelta(seconds=1))
    assert marketplace.get(**{"If-Modified-Since": older}).status_code == 200
    assert marketplace.get(**{"If-None-Match": 'W/"another"'}).status_code == 200


def test_it_is_compressed_for_who_asks_and_not_for_others(tea: Stock, marketplace: Marketplace) -> None:
    plain = marketplace.get(**{"Accept-Encoding": "gzip;q=0"})
    packed = marketplace.get(**{"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    assert etree.fromstring(plain.data).tag == "yml_catalog"


@on_both
def test_the_heading_leaves_before_the_goods_are_asked_for(
    tea: Stock, marketplace: Marketplace, count_statements: Callable
) -> None:
    with count_statements() as statements:
        answer = marketplace.client.get(marketplace.path, buffered=False)
        first = next(answer.iter_encoded())
    assert b"<shop>" in first
    assert not any("cached_products" in statement for statement in statements)
    answer.close()


def test_a_head_tells_the_same_and_reads_no_goods(tea: Stock, marketplace: Marketplace) -> None:
    head = marketplace.client.head(marketplace.path)
    assert head.headers["ETag"] == marketplace.get().headers["ETag"]
    assert head.headers["Content-Type"].startswith("application/xml")
