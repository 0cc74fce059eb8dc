"""The resolver, the SQL, the screen, the CSV and the shell's door agree on every random shop."""

import contextlib
import csv
import io

import pytest
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from app.data.db import db
from app.rules.for_scripts import goods_to_publish
from app.rules.policy import Policy
from app.rules.summary import counts_by_store
from run.printed_config import print_products
from tests.rules.shops import MODES, Shop, fill, mode_of_product, policies, two_shops
from tests.stock import Stock
from tests.thoroughness import examples

pytestmark = pytest.mark.databases("sqlite", "postgresql")

WITH_DATABASE = settings(max_examples=examples(8), phases=[Phase.generate])


@WITH_DATABASE
@given(shops=two_shops, default=st.none() | MODES, policy=policies)
def test_everybody_publishes_the_same_goods(
    app: Flask, stock: Stock, shops: dict[str, Shop], default, policy: Policy
):
    default = fill(stock, shops, default, policy)
    published = {
        (store_id, id)
        for store_id, shop in shops.items()
        for id in shop.products
        if mode_of_product(shop, id, default, policy) == "include"
    }

    with app.app_context(), db.engine.connect() as connection:
        handed_over = [
            (good.store_id, good.product_id) for good in goods_to_publish(connection, stock.owner.id)
        ]
        printed = printed_products(stock, connection)
        counts = {row.store_id: (row.published, row.hidden) for row in counts_by_store(stock.owner.id)}
    assert sorted(handed_over) == sorted(printed) == sorted(published)
    for store_id, shop in shops.items():
        here = {id for place, id in published if place == store_id}
        assert counts[store_id] == (len(here), len(shop.products) - len(here))
        assert file_ids(stock, store_id) == sorted(here)
        # Before it stands whether all of them can be, behind it what else there is to say of them.
        fragment = stock.owner.client.get(f"/catalog/published?store_id={store_id}").text
        said = fragment.partition("<")[0].split()[1:4]
        assert said == [str(len(here)), "из", str(len(shop.products))]
    page = stock.owner.client.get("/sync").page
    assert page.texts("//dd[@data-result='published']") == [str(len(published))]


def test_the_script_prints_what_the_file_holds(stock: Stock, read_config):
    shop = Shop(
        {"a": None, "b": "a"},
        {"p1": "a", "p2": "b", "p3": None, "p4": "b"},
        None,
        {"a": "exclude"},
        {"p4": "include"},
    )
    fill(stock, {"s1": shop}, None)
    lines = read_config("--products").stdout.splitlines()
    assert sorted(line.split("\t")[1] for line in lines) == file_ids(stock, "s1") == ["p3", "p4"]


def printed_products(stock: Stock, connection: Connection) -> list[tuple[str, ...]]:
    """What the script prints for `--products`, without the second that a process of its own takes."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        print_products(connection, stock.owner.id)
    return [tuple(line.split("\t")[:2]) for line in printed.getvalue().splitlines()]


def file_ids(stock: Stock, store_id: str) -> list[str]:
    url = f"/catalog/export?type=products&store_id={store_id}&result=published"
    text = stock.owner.client.get(url).data.decode("utf-8-sig")
    return sorted(row["ID"] for row in csv.DictReader(io.StringIO(text, newline="")))
