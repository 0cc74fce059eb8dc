"""What is unusual waits for the owner's word; what VK will not take today waits for its day."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.publishing.planning import reasons
from app.publishing.planning.approved import approved_part, is_confirmed, marks_of
from app.publishing.planning.existing import LIVE, Entry, ForeignItem
from app.publishing.planning.good import Good
from app.publishing.planning.make import Existing, make_plan
from app.publishing.planning.plan import Plan
from app.publishing.planning.quotas import Limits
from app.publishing.planning.settings import Settings
from app.publishing.planning.steps import Phase, steps

SETTINGS = Settings(default_category_id=1, photo_fallback="card")


def goods(count: int) -> list[Good]:
    return [
        Good(
            "s1",
            f"p{number}",
            f"Чай зелёный {number}",
            price=Decimal(100 + number),
            quantity=Decimal(number + 1),
        )
        for number in range(count)
    ]


def live(good: Good, price: str = "100.00") -> Entry:
    sent = {"name": good.name, "price": price, "available": True}
    return Entry(int(good.product_id[1:]), good.product_id, 1, LIVE, sent, {}, (good.key,))


def holds(plan: Plan) -> list[str]:
    return [hold.code for hold in plan.holds]


@pytest.mark.parametrize(("hidden", "held"), [(0, False), (4, False), (5, False), (6, True), (10, True)])
def test_a_plan_that_hides_more_than_the_guard_allows_waits(hidden: int, held: bool):
    all_goods = goods(10)
    left = [good._replace(is_published=number >= hidden) for number, good in enumerate(all_goods)]
    plan = make_plan(left, Existing([live(good, f"{good.price}.00") for good in all_goods]), SETTINGS)
    assert plan.is_held is held
    if held:
        (hold,) = plan.holds
        assert hold.sentence == f"Из магазина будут сняты товары: {hidden} из 10. Это больше 50 %"
        assert (len(hold.items), len(hold.examples)) == (hidden, 5)


def test_what_was_seen_waits_for_no_word_about_what_was_not():
    entries = Existing([live(good, f"{good.price}.00") for good in goods(10)])

    def hiding(most: int) -> Plan:
        left = [good._replace(is_published=number >= most) for number, good in enumerate(goods(10))]
        return make_plan(left, entries, SETTINGS)

    part = approved_part(hiding(9), marks_of(hiding(2)), Limits())
    assert len(part.items["hide"]) == 2 and not part.is_held


@pytest.mark.parametrize("was_seen", [True, False], ids=["seen", "hidden"])
def test_a_name_goes_with_the_price_that_was_approved_with_it_or_not_at_all(was_seen: bool):
    (good,) = goods(1)
    entry = live(good)
    entry = entry._replace(sent={**entry.sent, "available": was_seen, "stock_amount": 7})

    def plan(price: int) -> Plan:
        renamed = good._replace(name="Сыр, кг", price=Decimal(price))
        return make_plan([renamed], Existing([entry]), replace(SETTINGS, has_stock=True))

    def sent_at(price: int) -> set[str]:
        """What goes without a look by the owner, who has approved 140."""
        part = approved_part(plan(price), marks_of(plan(140)), Limits())
        return {field for step in steps(part) for field in step.fields}

    assert sent_at(140) >= {"name", "price", "stock_amount"}
    assert sent_at(149) == ({"stock_amount", "category_id", "photos"} if was_seen else set())


def test_stock_goes_by_any_number_but_not_in_portions_beside_a_price_that_is_for_a_kilogram():
    (good,) = (each._replace(unit="кг", price=Decimal(1000)) for each in goods(1))
    entry = live(good, "900.00")
    entry = entry._replace(sent={**entry.sent, "stock_amount": 7})

    def plan(stock: int, *, per_100g: bool = False) -> Plan:
        now = good._replace(quantity=Decimal(stock))
        settings = replace(SETTINGS, has_stock=True, per_100g=per_100g)
        return make_plan([now], Existing([entry]), settings)

    def stock_of(later: Plan) -> list[object]:
        part = approved_part(later, marks_of(plan(5)), Limits())
        return [step.fields["stock_amount"] for step in steps(part) if "stock_amount" in step.fields]

    assert stock_of(plan(4)) == [4]
    assert stock_of(plan(4, per_100g=True)) == []


def priced(**prices: int) -> Plan:
    """A plan in which these goods, of four at 100, get other prices."""
    goods_now = [good._replace(price=Decimal(prices.get(good.product_id, 100))) for good in goods(4)]
    return make_plan(goods_now, Existing([live(good) for good in goods(4)]), SETTINGS)


@pytest.mark.parametrize(
    ("later", "is_said"),
    [({"p0": 900}, True), ({"p0": 900, "p1": 901}, True), ({"p0": 901}, False), ({"p2": 900}, False)],
    ids=["what is left", "the same", "another price", "another good"],
)
def test_what_was_confirmed_is_asked_about_no_more_and_other_prices_are(later: dict[str, int], is_said: bool):
    confirmed = priced(p0=900, p1=901)
    words = [hold.word for hold in confirmed.holds]
    (hold,) = priced(**later).holds
    assert is_confirmed(hold, words, marks_of(confirmed)) is is_said
    assert not is_confirmed(hold, [], marks_of(confirmed))
    assert is_confirmed(hold, words, None), "of a run from before it was kept what a word is about"


@pytest.mark.parametrize(
    ("price", "held"), [(150, False), (151, True), (50, False), (49, True), (100, False)]
)
def test_a_price_that_jumps_waits(price: int, held: bool):
    (good,) = goods(1)
    plan = make_plan([good._replace(price=Decimal(price))], Existing([live(good)]), SETTINGS)
    assert holds(plan) == (["prices"] if held else [])


def test_the_greatest_jumps_are_the_examples():
    some = goods(9)
    dearer = [good._replace(price=Decimal(200 + 10 * number)) for number, good in enumerate(some)]
    (hold,) = make_plan(dearer, Existing([live(good) for good in some]), SETTINGS).holds
    assert [item.key[1] for item in hold.items[:5]] == ["p8", "p7", "p6", "p5", "p4"]
    assert hold.sentence.endswith("меняется цена 9 товаров")
    assert hold.examples[0] == "Чай зелёный 8: 100 → 280 ₽"


def test_the_owner_may_move_the_guards():
    some = goods(2)
    entries = [live(good) for good in some]
    easy = replace(SETTINGS, hide_guard_percent=100, price_guard_percent=1000)
    assert not make_plan([some[0]._replace(price=Decimal(900))], Existing(entries), easy).is_held


def test_the_first_run_always_waits():
    assert holds(make_plan(goods(1), Existing(), SETTINGS, is_first=True)) == ["first"]


def created(plan: Plan) -> list[str]:
    return [step.item.key[1] for step in steps(plan) if step.phase == Phase.NEW]


def test_new_goods_beyond_the_day_wait_for_tomorrow():
    plan = make_plan(goods(5), Existing(), SETTINGS, limits=Limits(daily=10, added_today=7))
    assert created(plan) == ["p0", "p1", "p2"]
    assert plan.waiting == {
        ("s1", "p3"): reasons.WAITS_FOR_TOMORROW,
        ("s1", "p4"): reasons.WAITS_FOR_TOMORROW,
    }
    assert plan.counts["create"] == 5


def test_new_goods_beyond_the_communitys_room_are_told_so():
    some = goods(6)
    existing = Existing([live(some[0])], [ForeignItem(7, "Чужой")])
    plan = make_plan(some, existing, SETTINGS, limits=Limits(items=4, daily=1))
    assert created(plan) == ["p1"]
    assert [plan.waiting[("s1", f"p{number}")] for number in range(2, 6)] == [
        reasons.WAITS_FOR_TOMORROW,
        reasons.NO_ROOM,
        reasons.NO_ROOM,
        reasons.NO_ROOM,
    ]


def test_nothing_to_do_today_is_no_work():
    assert not make_plan(goods(2), Existing(), SETTINGS, limits=Limits(daily=0)).has_work


@pytest.mark.parametrize(
    ("first", "expected"), [("order", ["p0", "p1"]), ("price", ["p4", "p3"]), ("stock", ["p4", "p3"])]
)
def test_the_owner_says_which_go_first(first: str, expected: list[str]):
    chosen = replace(SETTINGS, new_first=first)
    assert created(make_plan(goods(5), Existing(), chosen, limits=Limits(daily=2))) == expected


def test_what_may_have_been_added_already_goes_before_all_others():
    some = goods(3)
    begun = Entry(2, "p2", None, "sending", {}, {}, (some[2].key,))
    assert created(make_plan(some, Existing([begun]), SETTINGS, limits=Limits(daily=1))) == ["p2"]
