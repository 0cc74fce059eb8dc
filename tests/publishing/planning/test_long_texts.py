"""However long the descriptions in the till and in VK are, a plan holds little of them and loses nothing."""

import tracemalloc
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.data.db import db
from app.publishing.current import current_plan
from app.publishing.ledger import entries
from app.publishing.ledger.entries import foreign_of
from app.publishing.ledger.models import ForeignListing
from app.publishing.ledger.patience import patience
from app.publishing.ledger.seeing import Seeing
from app.publishing.planning import good as goods
from app.publishing.planning import texts
from app.publishing.planning.existing import DESCRIPTION, Entry
from app.publishing.planning.packing import packed, unpacked
from app.publishing.planning.plan import ASK, CREATE
from app.publishing.planning.reading import ReadItem
from tests.databases import on_both
from tests.publishing.conftest import GOODS, Publishing
from tests.stock import Stock, product

EMOJI = "\N{GRINNING FACE}"
LONG = "Чай с Алишаня, первый сбор. " * 40


def memory(work: Callable[[], object]) -> tuple[int, int]:
    """How many bytes what it gives takes, and how many it takes at most meanwhile."""
    tracemalloc.start()
    try:
        found = work()
        taken = tracemalloc.get_traced_memory()
        assert found is not None
        return taken
    finally:
        tracemalloc.stop()


def test_of_the_longest_descriptions_a_plan_holds_what_vk_may_be_sent(
    app: Flask, publishing: Publishing, tea: Stock
) -> None:
    tea.put(products=[product(f"p{n}", f"Чай {n}", price=50, description=EMOJI * 9_990) for n in range(200)])
    with app.app_context():
        plan = current_plan(publishing.owner.id, publishing.community_id)
        assert plan.counts[CREATE] == 200
        assert {item.want.description for item in plan.items[CREATE] if item.want} == {EMOJI * 333}
        kept, most = memory(lambda: current_plan(publishing.owner.id, publishing.community_id))
    assert kept < 2_000_000
    # A portion of them as it is read: eight pages may at once, and PostgreSQL's client holds each twice.
    assert most - kept < 6_000_000


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("times", [200, 4_990])
def test_a_description_of_many_entities_is_cleaned_once_for_a_page(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
    is_packed: bool,
) -> None:
    """Hundreds of them took eight seconds: each was cleaned anew whenever the plan asked for it."""
    if is_packed:
        monkeypatch.setattr(goods, "LETTERS_UNPACKED", 0)
    told = "&x" * times
    tea.put(products=[product(f"p{n}", f"Чай {n}", price=50, description=told) for n in range(3)])
    cleaned, clean = list[int](), texts._cleaned

    def counting(text: str) -> str:
        cleaned.append(len(text))
        return clean(text)

    monkeypatch.setattr(texts, "_cleaned", counting)
    with app.app_context():
        plan = current_plan(publishing.owner.id, publishing.community_id)
        sent = {item.want.description for item in plan.items[CREATE] if item.want}
    assert sent == {"&x" * min(times, 500)}
    assert cleaned == [len(told)] * 3


def test_of_foreign_listings_no_description_is_read(app: Flask, publishing: Publishing) -> None:
    place = {"user_id": publishing.owner.id, "community_id": publishing.community_id, "is_available": True}
    seen = {"price": "199.90", "description": EMOJI * 5_000}
    with app.app_context():
        rows = [{**place, "item_id": 1 + n, "name": f"Чашка {n}", "seen": seen} for n in range(100)]
        rows.append({**place, "item_id": 999, "name": "Без цены", "seen": {}})
        db.session.execute(insert(ForeignListing), rows)
        db.session.commit()
        foreign = foreign_of(**{name: place[name] for name in ("user_id", "community_id")})
        assert [item.price for item in foreign] == ["199.90"] * 100 + [None]
        _, peak = memory(lambda: foreign_of(publishing.owner.id, publishing.community_id))
    assert peak < 500_000


@on_both
def test_a_reading_writes_long_foreign_descriptions_in_portions(app: Flask, publishing: Publishing) -> None:
    place = {"user_id": publishing.owner.id, "community_id": publishing.community_id}

    def read(letter: str) -> int:
        fields = [{"name": "Чашка", "available": True, "description": letter * 5_000} for _ in range(1_000)]
        items = [ReadItem(1 + number, None, each) for number, each in enumerate(fields)]
        with Session(db.engine) as session, session.begin():
            seeing = Seeing(session, **place, patience=patience(), is_of_run=False)
            _, peak = memory(lambda: seeing.write(items, is_complete=True))
        return peak

    with app.app_context():
        # As the database writes them these are 30 and 60 megabytes.
        assert max(read("я"), read(EMOJI)) < 22_000_000
        assert len(foreign_of(**place)) == 1_000


@pytest.mark.parametrize("is_packed", [False, True])
def test_packed_texts_are_sent_compared_and_asked_about_as_others_are(
    publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch, is_packed: bool
) -> None:
    if is_packed:
        for module in (goods, entries):
            monkeypatch.setattr(module, "LETTERS_UNPACKED", 0)
    first = product("p1", "Улун молочный", price=350, article_number="A-1", description=LONG)
    tea.put(products=[first, *GOODS[1:]])
    publishing.publish()
    assert publishing.items["A-1"].description == LONG.strip()
    publishing.items["A-1"].description = theirs = "Написали во ВКонтакте. " * 60
    publishing.read()
    (question,) = publishing.plan().items[ASK]
    assert [(change.field, change.old, change.new) for change in question.changes] == [
        (DESCRIPTION, theirs.strip(), LONG.strip())
    ]


def test_packed_fields_read_as_they_were_written() -> None:
    fields = entries._Packed('{"name": "Чай", "description": "С \\ud83d\\ude00"}')
    assert dict(fields) == {"name": "Чай", "description": f"С {EMOJI}"}
    assert DESCRIPTION in fields and len(fields) == 2 and EMOJI in repr(fields)
    assert fields.get("price") is None
    assert Entry(1, "A-1", 5, "live", fields, {}, ()).now(DESCRIPTION) == f"С {EMOJI}"
    assert unpacked(packed("Половина \ud83d буквы")) == "Половина \ud83d буквы"
