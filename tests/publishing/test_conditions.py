"""Goods that a condition decides about: everybody says the same of them, and a refresh alone changes it."""

import contextlib
import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.data.db import db
from app.rules.criteria.criterion import NO_PHOTO, PRICE, STOCK, WORD, Criterion
from app.rules.policy import Policy
from run.printed_config import print_products
from tests.checking_client import CheckedResponse
from tests.publishing.conftest import Publishing
from tests.publishing.feed.conftest import Marketplace, marketplace_of
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock, group, product

POLICY = Policy(
    (
        Criterion("word", "exclude", WORD, text="уценка"),
        Criterion("stock", "exclude", STOCK, high=Decimal(3), is_below=True),
        Criterion("photo", "exclude", NO_PHOTO),
        Criterion("price", "include", PRICE, high=Decimal(500)),
    )
)
TEA = [group("g", "Чай")]
GOODS: dict[str, dict[str, Any]] = {
    "p1": {"name": "Улун", "group": "g", "quantity": 10, "price": 350},
    "p2": {"name": "Пуэр", "group": "g", "quantity": 2, "price": 400},
    "p3": {"name": "Чашка (уценка)", "group": "g", "quantity": 9, "price": 99},
    "p4": {"name": "Чайник", "group": "g", "quantity": 8, "price": 900},
    "p5": {"name": "Сахар", "quantity": 8, "price": 100},
    "p6": {"name": "Мята", "quantity": 1, "price": 70},
}


def put(stock: Stock, **changed: dict[str, Any]) -> None:
    goods = {id: fields | changed.get(id, {}) for id, fields in GOODS.items()}
    stock.put(groups=TEA, products=[product(id, **fields) for id, fields in goods.items()])


def said_by_everybody(publishing: Publishing, marketplace: Marketplace) -> dict[str, list[str]]:
    """Which goods are published, by name, as each of those who say it says it."""
    owner = publishing.owner
    get = owner.client.get

    def in_table(answer: CheckedResponse) -> dict[str, str]:
        rows = answer.page.select("//tr[@data-entity='product']")
        return {
            row.xpath("string(./th/a)").strip(): row.xpath("string(.//td[contains(@class, 'result')]//b)")
            for row in rows
        }

    every = in_table(get("/catalog/products?store_id=s1"))
    assert len(every) == len(GOODS)
    file = get("/catalog/export?type=products&store_id=s1&result=published").data.decode("utf-8-sig")
    plan = publishing.plan()
    wanted = [item.want for kind in ("create", "change", "show") for item in plan.items[kind] if item.want]
    printed = io.StringIO()
    with owner.app.app_context(), db.engine.connect() as connection, contextlib.redirect_stdout(printed):
        print_products(connection, owner.id)
    names = {id: fields["name"] for id, fields in GOODS.items()} | {"p3": "Чашка"}
    said = {
        "the table": [name for name, result in every.items() if result.strip() == "Публикуется"],
        "the filter": list(in_table(get("/catalog/products?store_id=s1&result=published"))),
        "the file": [row["Название"] for row in csv.DictReader(io.StringIO(file, newline=""))],
        "the script": [names[line.split("\t")[1]] for line in printed.getvalue().splitlines()],
        "the plan": [want.name for want in wanted],
        "the price list": list(marketplace.offers()),
    }
    count = len(said["the table"])
    assert get("/catalog/published?store_id=s1").page.text.startswith(f"Публикуется {count} из {len(GOODS)}")
    assert get("/sync").page.texts("//dd[@data-result='published']") == [str(count)]
    group_row = get("/catalog/groups?store_id=s1").page.texts("//tr[@data-entity='group']")
    of_group = sum(name in ("Улун", "Пуэр", "Чашка", "Чайник") for name in said["the table"])
    assert any(str(of_group) in text for text in group_row)
    return {who: sorted(names) for who, names in said.items()}


@pytest.mark.databases("sqlite", "postgresql")
def test_everybody_says_the_same_and_what_a_refresh_brings_changes_it(
    app: Flask, publishing: Publishing, stock: Stock
) -> None:
    put(stock)
    stock.default("exclude")
    stock.policy(POLICY)
    stock.rule("product", "p6", "include")
    upload(publishing.owner, ("tea.jpg", jpeg()), to={"store_id": "s1", "group_id": "g"})
    marketplace = marketplace_of(app, publishing.owner)
    said = said_by_everybody(publishing, marketplace)
    assert all(names == ["Мята", "Улун"] for names in said.values()), said
    publishing.publish()
    # Sold out; come in; renamed; cheaper.
    changed: dict[str, dict[str, Any]] = {
        "p1": {"quantity": 2},
        "p2": {"quantity": 3},
        "p3": {"name": "Чашка"},
        "p4": {"price": 450},
    }
    put(stock, **changed)
    plan = publishing.plan()
    assert sorted(item.want.name for item in plan.items["create"] if item.want) == [
        "Пуэр",
        "Чайник",
        "Чашка",
    ]
    assert [item.key for item in plan.items["hide"]] == [("s1", "p1")]
    publishing.publish()
    upload(publishing.owner, ("sugar.jpg", jpeg("white")), to={"store_id": "s1", "product_id": "p5"})
    put(stock, **changed)
    said = said_by_everybody(publishing, marketplace)
    assert said.pop("the plan") == ["Сахар"]
    assert all(names == ["Мята", "Пуэр", "Сахар", "Чайник", "Чашка"] for names in said.values()), said
