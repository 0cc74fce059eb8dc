"""Rules in another language: what the owner reads is English, while the files stay the Russian ones."""

from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.data.types import now
from app.rules.changes.plan import titled, way_back
from app.rules.changes.undone import undone_pairs
from app.rules.criteria.criterion import NO_PHOTO, PRICE, STOCK, TYPE, WORD, Criterion
from app.rules.criteria.words import criterion_sentence
from app.rules.models import RuleChange
from app.rules.policy import Policy
from app.rules.words import effect_sentence, moves_of, undone_sentence
from app.web.language import translated
from app.words import Sentence
from tests.owners import Owner
from tests.rules.files.test_rule_files import HEADER, download, plan_of
from tests.stock import Stock, product

LOW = Criterion("0000000a", "exclude", STOCK, high=Decimal(3), is_below=True)
TEA = Criterion("0000000b", "include", WORD, text="чай", is_part=True)


@pytest.fixture
def english(db_session: Session, alice: Owner, stock: Stock) -> Owner:
    """Alice, who reads English, with three goods, a rule and two conditions."""
    stock.put(products=[product("p1", "Улун", quantity=10, price=350), product("p2", "Пуэр", quantity=2)])
    stock.rule("product", "p2", "include")
    stock.policy(Policy((LOW, TEA)))
    db_session.execute(update(User).where(User.id == alice.id).values(language="en"))
    db_session.commit()
    return alice


def test_the_file_is_the_same_and_is_read_back_whoever_speaks(english: Owner, bob: Owner) -> None:
    text = download(english)
    assert text.startswith(HEADER)
    assert text.split("\r\n")[1:4] == [
        "Условие,,остаток меньше 3,,id-0000000a,Исключено",
        'Условие,,"в названии есть «чай», и как часть слова",,id-0000000b,Включено',
        "Товар,Чайная,p2,s1,p2,Включено",
    ]
    assert "Nothing will change: everything is so already." in plan_of(english, text, remove_missing="1").text
    plan = plan_of(bob, text).text
    assert "Новое условие: не публиковать, если остаток меньше 3" in plan
    plan = plan_of(english, HEADER + "Условие,,цена 5,,,Исключено\r\nТовар,,,s1,p1,Может быть\r\n").text
    assert "Line 2: the condition “цена 5” cannot be understood" in plan
    assert "Line 3: “Может быть” cannot be used. It can be one of: Включено, Исключено, Нет правила" in plan


def test_a_rule_is_removed_and_brought_back_in_english(english: Owner) -> None:
    page = english.client.get("/sync/rules").page
    (number,) = page.select("//button[@name='only']/@value")
    page = english.client.post("/sync/rules/remove", data={"only": number}, follow_redirects=True).page
    assert "Product “p2”: Included → No rule. 1 product unpublished." in page.text.replace("\xa0", " ")
    (undo,) = english.client.get("/sync/history?kind=rules").page.select(
        "//form[contains(@action, '/revert')]/@action"
    )
    plan = english.client.post(undo, follow_redirects=True).page
    assert "Will be published: 1" in plan.text and "Published: 1 → 2 products" in plan.text.replace(
        "\xa0", " "
    )


@pytest.mark.parametrize(
    ("criterion", "sentence"),
    [
        (LOW, "don’t publish if stock is less than 3"),
        (LOW._replace(low=Decimal(0), high=Decimal(0)), "don’t publish if stock is 0"),
        (Criterion("", "include", PRICE, high=Decimal(5)), "publish if the price is 5,00 ₽ or less"),
        (Criterion("", "exclude", NO_PHOTO), "don’t publish if there is no photo"),
        (Criterion("", "exclude", TYPE, text="medicine"), "don’t publish if the type is “medicines”"),
        (Criterion("", "include", WORD, text="a b"), "publish if the name contains the words “a”, “b”"),
        (TEA, "publish if the name contains “чай”, also as part of a word"),
    ],
)
def test_conditions_are_sentences(app: Flask, criterion: Criterion, sentence: str) -> None:
    with app.test_request_context(), force_locale("en"):
        assert criterion_sentence(criterion).replace("\xa0", " ") == sentence


def test_what_a_change_did_and_what_taking_it_back_did(app: Flask) -> None:
    moves = [
        {"before": None, "after": "exclude", "rules": 12},
        {"before": "include", "after": None, "rules": 1},
    ]
    change = RuleChange(
        moves=moves,
        default_before="exclude",
        default_after="include",
        enabled_after=False,
        appeared=1,
        hidden=2,
    )
    with app.test_request_context(), force_locale("en"):
        did, undone = effect_sentence(change), undone_sentence(change)
        assert did.replace("\xa0", " ") == "2 products unpublished, 1 product now published"
        assert [line.replace("\xa0", " ") for line in moves_of(change)] == [
            "No rule → Excluded: 12 rules",
            "Included → No rule: 1 rule",
            "don’t publish → publish",
            "off",
        ]
        assert undone.replace("\xa0", " ") == (
            "Undone: excluded again: 12 rules, rule removed, products without a rule are published again,"
            " publication is off again, 1 product published again, 2 products no longer published"
        )


def test_a_step_that_was_taken_back_in_another_language_is_one_line_of_the_history(
    app: Flask, alice: Owner
) -> None:
    there = {"before": None, "after": "exclude", "rules": 1000}
    back = {"before": "exclude", "after": None, "rules": 1000}
    made = RuleChange(
        id=1, user_id=alice.id, kind="bulk", moves=[there], **titled(Sentence("Отмеченные правила"))
    )
    with app.test_request_context(), force_locale("en"):
        way = way_back(made)
        undone = RuleChange(id=2, user_id=alice.id, kind="revert", moves=[back], **titled(way["title"]))
        assert translated(way["title"]) == "Undo: Ticked rules"
    with app.app_context():
        assert undone_pairs([undone, made]) == {1: undone}


def test_titles_of_the_history_are_said_in_the_language_of_whoever_reads_them(
    english: Owner, stock: Stock, db_session: Session
) -> None:
    def titles(language: str) -> list[str]:
        db_session.execute(update(User).where(User.id == english.id).values(language=language))
        db_session.commit()
        page = english.client.get("/sync/history?kind=rules").page
        return page.texts("//li[@data-change-id]/div/a")

    # A good that is called as a word of ours keeps its name.
    stock.decide("product", "Товар", "exclude")
    client, bulk = english.client, "/catalog/bulk?type=products&store_id=s1&q=улун&result=published"
    plan = client.post(bulk, data={"scope": "found", "filter_mode": "exclude"}).location.partition("?")[0]
    client.post(f"{plan}/apply")
    (undo,) = client.get(plan).page.select("//form[contains(@action, '/revert')]/@action")
    client.post(f"{client.post(undo).location.partition('?')[0]}/apply")
    client.post("/sync", data={"default_mode": "exclude"})
    db_session.add(
        RuleChange(user_id=english.id, kind="click", title="Product “of long ago”", applied_at=now())
    )
    db_session.commit()
    assert titles("en") == [
        "Product “of long ago”",
        "Products without a rule",
        "Undo: All products found: Чайная, search “улун”, published",
        "All products found: Чайная, search “улун”, published",
        "Product “Товар”",
    ]
    assert titles("ru") == [
        "Product “of long ago”",
        "Товары без правила",
        "Отмена: Все найденные товары: Чайная, поиск «улун», публикуется",
        "Все найденные товары: Чайная, поиск «улун», публикуется",
        "Товар «Товар»",
    ]
    # What they are searched by is Russian for everybody, as is what they are called in the database.
    assert client.get("/sync/history?q=найденные").page.select("//li[@data-change-id]")
