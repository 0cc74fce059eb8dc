"""One timeline of publications, refreshes and rules, by day, the owner's own only."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from app.data.db import db
from app.mirror import big_shops
from app.mirror.models import CatalogRefresh
from app.publishing.pages.events import RULES
from app.publishing.pages.touched import FoundGoods, Touched
from app.publishing.run.models import Publication
from app.rules import hoards
from app.rules.models import RuleChange
from app.web import turns
from app.web.turns import WORKING
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.conftest import Publishing
from tests.stock import Stock


def kinds(owner: Owner, address: str = "/sync/history") -> list[str]:
    """The kinds of the events of a page, in order."""
    return owner.client.get(address).page.select("//ol[contains(@class, 'timeline')]/li/@data-kind")


def decide(owner: Owner, product_id: str, name: str, mode: str = "exclude") -> None:
    """Click on a good's row."""
    form = {"entity_type": "product", "entity_id": product_id, "entity_name": name, "store_id": "s1"}
    owner.client.post("/catalog/filter", data=form | {"filter_mode": mode})


def test_publications_refreshes_and_rules_stand_in_one_timeline_the_latest_first(
    publishing: Publishing, tea: Stock, bob: Owner
) -> None:
    publishing.publish()
    decide(publishing.owner, "p1", "Улун молочный")
    seen = kinds(publishing.owner)
    assert seen[:2] == ["rules", "publication"]
    assert "refresh" in seen
    for kind in ("rules", "publication", "refresh"):
        assert set(kinds(publishing.owner, f"/sync/history?kind={kind}")) == {kind}
    assert kinds(bob) == []
    assert "Сегодня" in publishing.owner.client.get("/sync/history").text


@on_both
def test_the_timeline_is_walked_to_its_end(publishing: Publishing, app: Flask) -> None:
    with app.app_context():
        runs = [
            Publication(
                user_id=publishing.owner.id,
                community_id=publishing.community_id,
                origin="auto",
                status="done",
            )
            for _ in range(120)
        ]
        db.session.add_all(runs)
        db.session.commit()
        ids = [run.id for run in runs]
    address, seen = "/sync/history?kind=publication", []
    while address:
        page = publishing.owner.client.get(address).page
        seen += page.select("//li[@data-kind='publication']//a[contains(@href, '/sync/publish/')]/@href")
        address = next(iter(page.select("//a[@rel='next']/@href")), "")
    assert seen == [f"/sync/publish/{run_id}" for run_id in sorted(ids, reverse=True)]


@pytest.mark.parametrize("query", ["kind=weather", "after=nonsense", "after=WyJydWxlcyB4IiwxLDFd"])
def test_a_link_that_was_not_made_here_is_a_bad_request(alice: Owner, query: str) -> None:
    assert alice.client.get(f"/sync/history?{query}").status_code == 400


def search(owner: Owner, q: str, **narrowed: str) -> list[str]:
    """The titles of the changes of rules, and the kinds of other events, that a search finds."""
    page = owner.client.get("/sync/history", query_string={"q": q, **narrowed}).page
    lines = page.select("//ol[contains(@class, 'timeline')]/li[@data-kind]")
    return [
        line.xpath("string(.//a)") if line.get("data-kind") == "rules" else line.get("data-kind")
        for line in lines
    ]


@on_both
@pytest.mark.parametrize("few_goods", [20, 0])
def test_a_search_finds_what_touched_a_good_by_its_name_in_any_order_or_its_article(
    publishing: Publishing, tea: Stock, bob: Owner, monkeypatch: pytest.MonkeyPatch, few_goods: int
) -> None:
    monkeypatch.setattr("app.publishing.pages.touched.FEW_GOODS", few_goods)
    owner = publishing.owner
    publishing.publish()
    decide(owner, "p2", "Пуэр шу, лист")
    decide(owner, "p1", "Улун молочный")
    oolong = ["Товар «Улун молочный»", "publication"]
    assert search(owner, "молочный УЛУН") == search(owner, "a-1") == oolong
    assert search(owner, "молочный улун", kind="rules") == oolong[:1]
    assert search(owner, "чабрец") == ["publication"]
    assert search(owner, "нет такого") == []
    page = owner.client.get("/sync/history?q=улун").page
    assert "Найдено: 1 товар — Улун молочный" in page.text.replace("\xa0", " ")
    # The chips keep the words, and an undo leads back to them.
    assert page.select(
        "//nav[@aria-label='Что показать']/a[contains(@href, 'kind=rules') and contains(@href, 'q=')]"
    )
    assert page.select("//form//input[@name='next']/@value") == ["/sync/history?q=%D1%83%D0%BB%D1%83%D0%BD"]
    assert search(bob, "улун") == []


@on_both
def test_a_search_finds_goods_within_a_change_of_many_and_those_that_are_gone(
    alice: Owner, tea: Stock
) -> None:
    rows = alice.client.get("/catalog/products?store_id=s1").page
    ticked = [
        rows.select(f"//tr[@data-evotor-id='{good}']//input[@name='n']/@value")[0] for good in ("p1", "p2")
    ]
    form = {"n": ticked, "filter_mode": "exclude"}
    plan = alice.client.post("/catalog/bulk?type=products&store_id=s1", data=form).location.partition("?")[0]
    alice.client.post(f"{plan}/apply")
    many = search(alice, "пуэр")
    assert many == search(alice, "улун") and len(many) == 1 and not search(alice, "чабрец")
    decide(alice, "p1", "Улун молочный", "include")
    tea.put(products=[])
    assert search(alice, "улун молочный") == ["Товар «Улун молочный»", "refresh"]


@on_both
@pytest.mark.parametrize("few", [[("s1", "p1"), ("s1", "p2")], None])
def test_a_search_asks_only_the_steps_of_its_owner(
    publishing: Publishing,
    tea: Stock,
    app: Flask,
    count_statements: Callable[..., Any],
    few: list[tuple[str, str]] | None,
) -> None:
    decide(publishing.owner, "p1", "Улун молочный")
    address = "/sync/history?q=улун молочный"
    with count_statements() as statements:
        publishing.owner.client.get(address)
    plain = len(statements)
    with app.app_context(), db.engine.connect() as connection:
        postgres = db.engine.dialect.name == "postgresql"
        if postgres:
            # So few rows are read fastest from end to end; the question is whether an index can do.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        found = FoundGoods([], 2, few)
        touched = Touched(publishing.owner.id, "улун молочный", found).by(RULES)
        newest = select(RuleChange.id).where(RuleChange.user_id == publishing.owner.id, touched)
        newest = newest.order_by(RuleChange.applied_at.desc(), RuleChange.id.desc()).limit(51)
        taken: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            taken.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        connection.execute(newest)
        ((statement, parameters),) = taken
        word = "EXPLAIN" if postgres else "EXPLAIN QUERY PLAN"
        lines = [str(row[-1]) for row in connection.exec_driver_sql(f"{word} {statement}", parameters)]
    plan = "\n".join(lines)
    assert re.search("pk_rule_change_items|sqlite_autoindex_rule_change_items_1", plan), plan
    assert not re.search("Seq Scan on (rule_change|cached)|SCAN (rule_change|cached_products)", plan), plan
    # Few goods are looked up, each by its key.
    assert few is None or "entity_id" in plan, plan
    assert plain <= 12, statements


def test_a_search_in_a_long_history_waits_for_its_turn(
    alice: Owner, tea: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(alice, "p1", "Улун молочный")
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.02)
    with ExitStack() as others:
        for owner in range(WORKING):
            assert turns._take(f"owner {owner}")
            others.callback(turns._give_back, f"owner {owner}")
        assert kinds(alice, "/sync/history?q=улун") == ["rules"]
        for hoard, many in ((hoards, "MANY"), (big_shops, "MANY_GOODS")):
            with monkeypatch.context() as patched:
                patched.setattr(hoard, many, 0)
                assert alice.client.get("/sync/history?q=улун").status_code == 429
        assert alice.client.get("/sync/history").status_code == 200
    assert kinds(alice, "/sync/history?q=улун") == ["rules"]


def test_an_undo_leads_back_to_the_part_of_the_history_where_it_began(alice: Owner, tea: Stock) -> None:
    decide(alice, "p1", "Улун молочный")
    here = "/sync/history?kind=rules&q=улун"
    page = alice.client.get(here).page
    (revert,) = page.select("//form[contains(@action, '/revert')]")
    (next_url,) = revert.xpath(".//input[@name='next']/@value")
    plan = alice.client.get(alice.client.post(revert.get("action"), data={"next": next_url}).location).page
    (apply,) = plan.select("//form[contains(@action, '/apply')]")
    fields = {field.get("name"): field.get("value") for field in apply.xpath(".//input")}
    assert alice.client.post(apply.get("action"), data=fields).location == next_url
    assert alice.client.get(next_url).page.select("//input[@name='q']/@value") == ["улун"]
    # A step's own page leads back to all of the history, from where it was opened.
    assert alice.client.get("/sync/changes").location == "/sync/history?kind=rules"


def test_a_pair_of_done_and_undone_is_only_made_again(alice: Owner, tea: Stock) -> None:
    for mode in ("exclude", "none"):
        decide(alice, "p1", "Улун молочный", mode)
    page = alice.client.get("/sync/history").page
    (button,) = page.select("//details//button")
    assert button.text_content().strip().startswith("Сделать снова…")
    plan = alice.client.get(alice.client.post(button.xpath("string(../@action)")).location).page
    assert "Нет правила → Исключено" in plan.text


def test_a_step_that_was_taken_back_later_is_marked_until_that_is_taken_back_too(
    alice: Owner, tea: Stock
) -> None:
    def marked() -> list[str]:
        page = alice.client.get("/sync/history?kind=rules").page
        return page.select("//li[@data-change-id][contains(., 'Отменено:')]/@data-change-id")

    def take_back(change_id: str) -> str:
        plan = alice.client.post(f"/sync/changes/{change_id}/revert").location.partition("?")[0]
        alice.client.post(f"{plan}/apply")
        return plan.rpartition("/")[2]

    decide(alice, "p1", "Улун молочный")
    decide(alice, "p2", "Пуэр шу, лист")
    page = alice.client.get("/sync/history?kind=rules").page
    (_, first) = page.select("//li/@data-change-id")
    assert not marked()
    undo = take_back(first)
    assert marked() == [first]
    page = alice.client.get("/sync/history").page
    assert not page.select(f"//li[@data-change-id='{first}']//button")
    assert page.select(f"//li[@data-change-id='{first}']//a/@href")[1] == f"/sync/changes/{undo}"
    assert "Отменено:" in alice.client.get(f"/sync/changes/{first}").page.text
    take_back(undo)
    assert first not in marked()


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ({"status": "failed", "error": "Эвотор не отвечает"}, "Эвотор не отвечает"),
        ({"status": "cancelled"}, "Остановлено"),
        ({"status": "done"}, "Изменений нет"),
    ],
)
def test_only_a_refresh_that_came_to_its_end_says_that_nothing_has_changed(
    alice: Owner, app: Flask, run: dict[str, str], said: str
) -> None:
    with app.app_context():
        db.session.add(CatalogRefresh(user_id=alice.id, **run))
        db.session.commit()
    (line,) = alice.client.get("/sync/history").page.texts("//li[@data-kind='refresh']")
    assert said in line and ("Изменений нет" in line) == (run["status"] == "done")
