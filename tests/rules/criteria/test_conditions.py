"""The page of conditions: each is shown with what it changes before it holds, and nobody else's is there."""

from contextlib import ExitStack
from decimal import Decimal

import pytest

from app.rules import hoards
from app.rules.criteria.criterion import MOST_CRITERIA, NO_PHOTO, PRICE, STOCK, TYPE, WORD, Criterion
from app.rules.policy import Policy
from app.rules.read import policy_of
from app.web import turns
from app.web.turns import WORKING
from tests.checking_client import CheckedResponse
from tests.owners import Owner
from tests.stock import Stock, group, product

LOW = {"mode": "exclude", "kind": "stock", "bound": "below", "stock": "3"}


@pytest.fixture
def tea(stock: Stock) -> Stock:
    """Three goods of which one is nearly sold out, and one of those has a rule of its own."""
    goods = [
        product("p1", "Улун", quantity=10, price=350),
        product("p2", "Пуэр", quantity=2, price=90),
        product("p3", "Чашка для чая", quantity=1, price=500),
    ]
    stock.put(products=goods)
    stock.rule("product", "p3", "include")
    return stock


def conditions_of(owner: Owner) -> tuple[Criterion, ...]:
    with owner.app.app_context():
        return policy_of(owner.id).criteria


def follow(owner: Owner, answer: CheckedResponse) -> CheckedResponse:
    assert answer.status_code == 303, answer.text
    return owner.client.get(answer.location)


def apply(owner: Owner, answer: CheckedResponse) -> CheckedResponse:
    """Go on from a plan as its button does."""
    (form,) = follow(owner, answer).page.select("//form[contains(@action, '/apply')]")
    fields = {box.get("name"): box.get("value") for box in form.xpath(".//input[@name='next']")}
    return follow(owner, owner.client.post(form.get("action"), data=fields))


@pytest.mark.parametrize(
    "address",
    [
        *("/catalog", "/catalog/published?store_id=s1", "/catalog/products?store_id=s1&result=published"),
        *("/catalog/products?store_id=s1&ready=no", "/catalog/groups?store_id=s1&result=published"),
        *("/sync", "/sync/plan", "/sync/conditions", "/sync/settings"),
    ],
)
def test_pages_that_take_long_for_the_words_of_conditions_wait_for_their_turn(
    alice: Owner, tea: Stock, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    tea.put(groups=[group("g1")], products=[product("p1", "Улун", "g1"), product("p2", "Пуэр", "g1")])
    with others_at_work(monkeypatch):
        tea.policy(Policy((Criterion("k", "exclude", WORD, text="чай улун", is_part=True),)))
        assert alice.client.get(address).status_code == 200
        # From its end it is like any name of such signs, at each of their letters, and never in one.
        tea.policy(Policy((Criterion("k", "exclude", WORD, text="а" + "🦄" * 99, is_part=True),)))
        assert alice.client.get(address).status_code == 429
        monkeypatch.setattr(hoards, "MOST_MICROSECONDS", 300)
        assert alice.client.get(address).status_code == 200


def test_rules_that_take_long_for_those_words_wait_before_they_are_held(
    alice: Owner, tea: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea.policy(Policy((Criterion("k", "exclude", WORD, text="а" + "🦄" * 99),)))
    on_store = {"entity_type": "store", "entity_id": "s1", "store_id": "s1", "filter_mode": "include"}
    on_good = on_store | {"entity_type": "product", "entity_id": "p1"}
    found = {"scope": "found", "filter_mode": "include"}
    with others_at_work(monkeypatch):
        assert alice.client.post("/catalog/filter", data=on_good).status_code == 303
        assert alice.client.post("/catalog/filter", data=on_store).status_code == 429
        hidden = "/catalog/bulk?type=products&store_id=s1&result=hidden"
        assert alice.client.post(hidden, data=found).status_code == 429
        assert alice.client.post("/sync", data={"default_mode": "exclude"}).status_code == 429
    assert alice.client.post("/catalog/filter", data=on_store).status_code == 303


def others_at_work(monkeypatch: pytest.MonkeyPatch) -> ExitStack:
    """Pages of others have all the turns, and what takes 10 microseconds of each of three goods needs one."""
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.02)
    monkeypatch.setattr(hoards, "MOST_MICROSECONDS", 30)
    monkeypatch.setattr(hoards, "_FEW_GOODS", 0)
    others = ExitStack()
    for owner in range(WORKING):
        assert turns._take(f"owner {owner}")
        others.callback(turns._give_back, f"owner {owner}")
    return others


def test_a_condition_is_shown_with_the_numbers_before_it_holds(alice: Owner, tea: Stock) -> None:
    planned = alice.client.post("/sync/conditions", data=LOW)
    plan = follow(alice, planned).page
    assert "Перестанут публиковаться: 1" in plan.text
    assert "Публикуется 3 → 2" in plan.text
    assert "Новое условие: не публиковать, если остаток меньше 3" in plan.text
    assert plan.texts("//ul[@class='goods']/li/text()[1]/..") == ["Пуэр Чайная"]
    assert conditions_of(alice) == ()
    page = apply(alice, planned).page
    assert "Снят с публикации 1 товар" in page.text
    assert "Новое условие: Новое условие" not in page.text
    assert page.texts("//ol[contains(@class, 'conditions')]/li//p") == ["Действует на 1 товар"]
    overview = alice.client.get("/sync").page
    assert "Сначала условия: не публиковать, если остаток меньше 3" in overview.text
    row = alice.client.get("/catalog/products?store_id=s1&q=пуэр").page
    (reason,) = row.select("//*[contains(@href, '/sync/conditions#')]")
    assert reason.text_content() == "по условию «остаток меньше 3»"


def test_it_is_changed_moved_taken_away_and_brought_back(alice: Owner, tea: Stock) -> None:
    apply(alice, alice.client.post("/sync/conditions", data=LOW))
    dear = {"mode": "include", "kind": "price", "low": "1 000,50", "high": ""}
    apply(alice, alice.client.post("/sync/conditions", data=dear))
    low, high = conditions_of(alice)
    assert (low.high, low.is_below, high.low, high.high) == (Decimal(3), True, Decimal("1000.5"), None)
    form = alice.client.get(f"/sync/conditions/{low.key}").page
    assert form.select("//input[@name='stock']")[0].get("value") == "3"
    apply(alice, alice.client.post(f"/sync/conditions/{low.key}", data=LOW | {"bound": "zero"}))
    apply(alice, alice.client.post(f"/sync/conditions/{low.key}/move", data={"step": "down"}))
    assert [(each.key, each.kind, each.high) for each in conditions_of(alice)] == [
        (high.key, PRICE, None),
        (low.key, STOCK, Decimal(0)),
    ]
    gone = apply(alice, alice.client.post(f"/sync/conditions/{high.key}/delete"))
    assert [each.key for each in conditions_of(alice)] == [low.key]
    (back,) = gone.page.select("//form[contains(@action, '/undo')]")
    alice.client.post(back.get("action"))
    assert [each.key for each in conditions_of(alice)] == [high.key, low.key]


WRONG = (
    ({"stock": ""}, "Сколько? Нужно число, например 3 или 0,5."),
    ({"stock": "три"}, "Нужно число"),
    ({"stock": "0.0001"}, "Слишком точно"),
    ({"bound": "about"}, "Неверный вариант"),
    ({"kind": "colour"}, "Неверный вариант"),
    ({"mode": "maybe"}, "Неверный вариант"),
    ({"kind": "price"}, "Укажите цену"),
    ({"kind": "price", "low": "9", "high": "1"}, "«До» меньше, чем «от»"),
    ({"kind": "word", "text": " «» "}, "Какое слово искать"),
    ({"kind": "word", "text": "ч" * 101}, "Слишком длинно"),
    ({"kind": "word", "text": "а б в г д е ж"}, "Слишком много слов"),
    ({"kind": "type", "type": "ODD"}, "Неверный вариант"),
)


def test_what_cannot_be_a_condition_is_said_beside_its_field_and_nothing_typed_is_lost(
    alice: Owner, subtests: pytest.Subtests
) -> None:
    for fields, sentence in WRONG:
        with subtests.test(**fields):
            answer = alice.client.post("/sync/conditions", data=LOW | fields)
            assert answer.status_code == 422
            (error,) = answer.page.texts("//p[@class='field-error']")
            assert sentence in error
            shown = {box.get("name"): box.get("value") for box in answer.page.select("//input")}
            assert all(shown[name] == fields[name] for name in ("stock", "low", "text") if name in fields)
    assert conditions_of(alice) == ()


def test_the_same_condition_twice_and_too_many_are_refused(alice: Owner, tea: Stock) -> None:
    alices = [Criterion(f"k{n}", "exclude", STOCK, high=Decimal(n)) for n in range(MOST_CRITERIA - 1)]
    tea.policy(Policy(tuple(alices)))
    twice = alice.client.post("/sync/conditions", data=LOW | {"bound": "at_most", "mode": "include"})
    assert (twice.status_code, "Такое условие уже есть" in twice.text) == (422, True)
    into_another = alice.client.post("/sync/conditions/k5", data=LOW | {"bound": "at_most", "stock": "7"})
    assert (into_another.status_code, "Такое условие уже есть" in into_another.text) == (422, True)
    beside = alice.client.post("/sync/conditions", data=LOW | {"stock": "98"})
    apply(alice, alice.client.post("/sync/conditions", data=LOW))
    assert "Ничего не изменилось" in apply(alice, beside).text
    assert len(conditions_of(alice)) == MOST_CRITERIA
    assert "Новое условие" not in alice.client.get("/sync/conditions").text
    assert alice.client.post("/sync/conditions", data=LOW | {"stock": "99"}).status_code == 400


def test_of_two_alike_planned_side_by_side_the_second_only_changes_what_it_does(
    alice: Owner, tea: Stock
) -> None:
    first, same, opposite = (
        alice.client.post("/sync/conditions", data=LOW | {"mode": mode})
        for mode in ("exclude", "exclude", "include")
    )
    apply(alice, first)
    assert "Ничего не изменилось" in apply(alice, same).text
    apply(alice, opposite)
    assert [each.mode for each in conditions_of(alice)] == ["include"]


def test_every_kind_is_said_in_words_and_read_back_into_its_form(alice: Owner, tea: Stock) -> None:
    apply(alice, alice.client.post("/sync/conditions", data=LOW | {"kind": "word", "text": "Чай-чёрный"}))
    for fields in ({"kind": "type", "type": "alcohol"}, {"kind": "no_price"}, {"kind": "no_photo"}):
        apply(alice, alice.client.post("/sync/conditions", data=LOW | fields))
    kinds = {criterion.kind: criterion for criterion in conditions_of(alice)}
    assert (kinds[WORD].text, kinds[TYPE].text) == ("чай черный", "alcohol")
    text = alice.client.get("/sync/conditions").page.text
    for words in ("слова «чай», «черный»", "тип: алкоголь и пиво", "нет цены", "нет фото"):
        assert f"Не публиковать, если {words}" in text.replace("в названии ", "")
    for criterion in kinds.values():
        page = alice.client.get(f"/sync/conditions/{criterion.key}").page
        checked = page.select("//input[@name='kind'][@checked]")
        assert [box.get("value") for box in checked] == [criterion.kind]


def test_a_twin_sees_and_changes_conditions_of_his_own_only(alice: Owner, bob: Owner, tea: Stock) -> None:
    # The same till, the same goods under the same ids.
    twin = Stock(bob)
    twin.put(products=[product("p1", "Улун", quantity=0)])
    twin.photos([("s1", "p2")])
    tea.policy(Policy((Criterion("hers", "exclude", NO_PHOTO),)))
    assert "нет фото" not in bob.client.get("/sync/conditions").text
    assert alice.client.get("/catalog/published?store_id=s1").page.text.startswith("Публикуется 1 из 3 ")
    assert bob.client.get("/catalog/published?store_id=s1").page.text.startswith("Решено 1 из 1 ")
    for path in ("", "/delete", "/move"):
        fields = LOW | {"step": "up"}
        assert bob.client.post(f"/sync/conditions/hers{path}", data=fields).status_code == 404
    assert bob.client.get("/sync/conditions/hers").status_code == 404
    assert [each.key for each in conditions_of(alice)] == ["hers"]
    # He has never decided anything.
    apply(bob, bob.client.post("/sync/conditions", data=LOW))
    assert [each.kind for each in conditions_of(bob)] == [STOCK]
    assert bob.client.get("/catalog/published?store_id=s1").page.text.startswith("Публикуется 0 из 1 ")


def test_a_plan_leaves_alone_what_was_decided_since(alice: Owner, tea: Stock) -> None:
    tea.put(groups=[group("g", "Чай")], products=[product("p1", "Улун", "g", quantity=1)])
    first = alice.client.post("/sync/conditions", data=LOW)
    apply(alice, alice.client.post("/sync/conditions", data=LOW | {"kind": "no_price"}))
    alice.client.post(
        "/catalog/filter",
        data={"entity_type": "group", "entity_id": "g", "store_id": "s1", "filter_mode": "include"},
    )
    plan = follow(alice, first).page
    assert "Итог не изменится" in plan.text
    apply(alice, first)
    assert [each.kind for each in conditions_of(alice)] == ["no_price", STOCK]
