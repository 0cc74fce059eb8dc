"""The plan says exactly what to do, never twice, and nothing to what is not ours."""

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.publishing.planning import reasons
from app.publishing.planning.changes import Change
from app.publishing.planning.existing import Entry
from app.publishing.planning.good import Good
from app.publishing.planning.make import Existing, make_plan
from app.publishing.planning.plan import DONE_BY_RUN, Plan
from app.publishing.planning.quotas import Limits
from app.publishing.planning.settings import Settings
from app.publishing.planning.steps import Phase, steps
from tests.publishing.planning.community import Community

# The machine may be busy with other tests.
UNHURRIED = hypothesis_settings(deadline=None)

SETTINGS = Settings(default_category_id=1, photo_fallback="card")

TEA = Good(
    "s1", "tea", "Чай зелёный", price=Decimal(350), quantity=Decimal(5), article="A-1", store_name="Чайная"
)
COFFEE = Good("s1", "coffee", "Кофе в зёрнах", price=Decimal(900), quantity=Decimal(3), store_name="Чайная")

marks = st.sampled_from((None, "A-1", "A-2", "7"))
any_good = st.builds(
    Good,
    store_id=st.sampled_from(("s1", "s2")),
    product_id=st.sampled_from([f"p{number}" for number in range(6)]),
    name=st.sampled_from(("Чай", "Чай зелёный", "Кофе & сливки", "<b>Мёд</b> липовый")),
    is_published=st.booleans() | st.just(True),
    type=st.sampled_from((None, "NORMAL", "NORMAL", "SERVICE", "ALCOHOL_MARKED")),
    price=st.none() | st.integers(0, 50).map(Decimal),
    quantity=st.none() | st.integers(-1, 3).map(Decimal),
    unit=st.sampled_from((None, "шт")),
    allow_to_sell=st.sampled_from((None, True, True, False)),
    article=marks,
    code=marks,
    description=st.sampled_from((None, "Вкусно", "Собран вручную весной")),
    photos=st.sampled_from(((), ("a",), ("a", "b"))),
)
catalogues = st.lists(any_good, max_size=8, unique_by=lambda good: good.key)
any_settings = st.builds(
    Settings,
    default_category_id=st.sampled_from((None, 1, 2)),
    photo_fallback=st.sampled_from(("card", "block")),
    out_of_stock=st.sampled_from(("hide", "keep")),
    not_on_sale=st.sampled_from(("hide", "keep")),
    markup_percent=st.sampled_from((Decimal(0), Decimal(10))),
    rounding=st.sampled_from(("none", "9")),
    merge_by=st.sampled_from(("none", "none", "article")),
    has_stock=st.booleans(),
)


def plan_of(community: Community, goods: list[Good], settings: Settings = SETTINGS, **more: Limits) -> Plan:
    return make_plan(goods, community.existing(), settings, **more)  # type: ignore[arg-type]


def published(*goods: Good, settings: Settings = SETTINGS) -> Community:
    community = Community()
    community.carry_out(plan_of(community, list(goods), settings))
    community.read()
    return community


def work(plan: Plan) -> dict[str, int]:
    return {kind: plan.counts[kind] for kind in DONE_BY_RUN if plan.counts[kind]}


@UNHURRIED
@given(st.lists(st.tuples(catalogues, any_settings), min_size=1, max_size=3))
def test_a_plan_carried_out_leaves_nothing_to_do(days: list[tuple[list[Good], Settings]]):
    community = Community()
    for goods, settings in days:
        community.carry_out(plan_of(community, goods, settings))
        community.read()
        again = plan_of(community, goods, settings)
        assert work(again) == {}
        assert not again.has_work
        assert steps(again) == []


@UNHURRIED
@given(catalogues, any_settings, st.integers(0, 5), st.booleans())
def test_a_run_cut_short_anywhere_adds_no_good_twice(
    goods: list[Good], settings: Settings, most: int, lose_answers: bool
):
    community = Community()
    community.carry_out(plan_of(community, goods, settings), most=most, lose_answers=lose_answers)
    community.carry_out(plan_of(community, goods, settings))
    skus = [item["sku"] for item in community.shop.values()]
    assert len(skus) == len(set(skus))
    expected = plan_of(Community(), goods, settings).counts["create"]
    assert len(skus) == expected


@UNHURRIED
@given(catalogues, catalogues, any_settings, st.lists(marks, max_size=3))
def test_listings_that_are_not_ours_are_never_touched(
    first: list[Good], second: list[Good], settings: Settings, foreign_skus: list[str | None]
):
    community = Community()
    theirs = [community.add_foreign("Чужой товар", sku) for sku in foreign_skus]
    before = {item_id: deepcopy(community.shop[item_id]) for item_id in theirs}
    for goods in (first, second):
        plan = plan_of(community, goods, settings)
        assert plan.counts["foreign"] == len(theirs)
        community.carry_out(plan)
    assert {item_id: community.shop[item_id] for item_id in theirs} == before
    assert not any(entry.item_id in theirs for entry in community.entries.values())


@UNHURRIED
@given(catalogues, catalogues, any_settings)
def test_only_what_the_rules_publish_is_to_be_seen(first: list[Good], second: list[Good], settings: Settings):
    community = Community()
    for goods in (first, second):
        community.carry_out(plan_of(community, goods, settings))
        allowed = {good.key for good in goods if good.is_published}
        visible = [entry for entry in community.entries.values() if entry.is_visible]
        assert all(allowed & set(entry.goods) for entry in visible)


def test_what_is_excluded_is_hidden_and_comes_back_as_the_same_listing():
    community = published(TEA, COFFEE)
    item_id = community.by_good(TEA.key).item_id
    excluded = plan_of(community, [TEA._replace(is_published=False), COFFEE])
    assert work(excluded) == {"hide": 1}
    assert excluded.items["hide"][0].reason == reasons.EXCLUDED
    community.carry_out(excluded)
    assert not community.by_good(TEA.key).is_visible
    back = plan_of(community, [TEA, COFFEE])
    assert work(back) == {"show": 1}
    community.carry_out(back)
    assert community.by_good(TEA.key).item_id == item_id
    assert len(community.shop) == 2


def test_a_good_that_left_the_till_is_hidden_and_says_so():
    plan = plan_of(published(TEA, COFFEE), [COFFEE])
    assert [(item.key, item.reason) for item in plan.items["hide"]] == [(TEA.key, reasons.GONE_FROM_TILL)]


def test_a_changed_price_is_the_only_field_that_is_sent():
    plan = plan_of(published(TEA), [TEA._replace(price=Decimal(360))])
    assert [step.fields for step in steps(plan)] == [{"price": "360.00"}]
    assert plan.items["change"][0].changes == (Change("price", "350.00", "360.00"),)


def test_a_hidden_listing_gets_no_changes_until_it_is_shown():
    community = published(TEA)
    sold_out = TEA._replace(quantity=Decimal(0))
    community.carry_out(plan_of(community, [sold_out]))
    dearer = plan_of(community, [sold_out._replace(price=Decimal(400))])
    assert work(dearer) == {}
    assert dearer.items["blocked"][0].reason == reasons.SOLD_OUT
    back = plan_of(community, [TEA._replace(price=Decimal(400))])
    assert [step.fields for step in steps(back)] == [{"price": "400.00", "available": True}]


def test_a_good_that_may_have_been_added_is_looked_for_first():
    community = Community()
    community.carry_out(plan_of(community, [TEA]), lose_answers=True)
    plan = plan_of(community, [TEA])
    assert [(item.kind, item.look_up) for item in plan.items["create"]] == [("create", True)]
    excluded = plan_of(community, [TEA._replace(is_published=False)])
    assert [(item.kind, item.look_up) for item in excluded.items["hide"]] == [("hide", True)]


def test_a_listing_deleted_in_vk_is_asked_about_and_not_made_again():
    community = published(TEA)
    community.shop.clear()
    community.read()
    plan = plan_of(community, [TEA])
    assert work(plan) == {}
    assert [item.reason for item in plan.items["ask"]] == [reasons.DELETED_IN_VK]
    assert plan_of(community, [TEA._replace(is_published=False)]).counts["ask"] == 0


def test_a_listing_with_our_sku_that_is_not_ours_is_asked_about():
    community = Community()
    community.add_foreign("Чай", "A-1")
    plan = plan_of(community, [TEA])
    assert work(plan) == {}
    assert [(item.reason, item.foreign.name) for item in plan.items["ask"] if item.foreign] == [
        (reasons.SAME_SKU, "Чай")
    ]


def test_a_lost_ledger_adds_nothing_twice():
    community = published(TEA, COFFEE)
    community.entries.clear()
    plan = plan_of(community, [TEA, COFFEE])
    assert work(plan) == {}
    assert [item.reason for item in plan.items["ask"]] == [reasons.SAME_SKU] * 2


def test_joining_and_parting_gives_everybody_the_listing_that_was_theirs():
    there = TEA._replace(store_id="s2")
    community = published(TEA, there)
    before = {key: community.by_good(key).item_id for key in (TEA.key, there.key)}
    joined = replace(SETTINGS, merge_by="article")
    community.carry_out(plan_of(community, [TEA, there], joined))
    assert [entry.is_visible for entry in community.entries.values()] == [True, False]
    community.carry_out(plan_of(community, [TEA, there]))
    assert {key: community.by_good(key).item_id for key in (TEA.key, there.key)} == before
    assert all(entry.is_visible for entry in community.entries.values())


def test_a_good_said_to_be_another_gets_a_sku_of_its_own():
    community = Community()
    community.add_foreign("Чай", "A-1")
    existing = community.existing()
    other = Existing(existing.entries, [item._replace(is_other=True) for item in existing.foreign])
    created = make_plan([TEA], other, SETTINGS).items["create"]
    assert [item.sku[0] for item in created] == ["v"]


def test_the_plan_is_known_by_what_it_would_do():
    community = published(TEA)
    same = [plan_of(community, [TEA._replace(price=Decimal(360)), COFFEE]).digest for _ in range(2)]
    assert same[0] == same[1]
    others = [
        plan_of(community, [TEA, COFFEE]),
        plan_of(community, [TEA._replace(price=Decimal(361)), COFFEE]),
        plan_of(community, [TEA._replace(price=Decimal(360)), COFFEE._replace(name="Кофе молотый")]),
        plan_of(community, [TEA._replace(price=Decimal(360)), COFFEE], replace(SETTINGS, rounding="9")),
    ]
    assert len({same[0], *(plan.digest for plan in others)}) == 5


def test_a_sale_in_the_till_does_not_make_it_another_plan():
    few, many = (plan_of(Community(), [TEA._replace(quantity=Decimal(left))]) for left in (3, 4))
    assert few.digest == many.digest


def test_one_good_can_go_alone():
    plan = make_plan([TEA, COFFEE], Existing(), SETTINGS, is_first=True)
    alone = plan.only(TEA.key)
    assert plan.is_held
    assert not alone.is_held
    assert [step.item.key for step in steps(alone)] == [TEA.key]
    assert alone.digest != plan.digest


def test_hides_and_prices_go_before_new_goods_and_photos_last():
    others = [TEA._replace(product_id=str(number), article=str(number)) for number in range(3)]
    community = published(TEA, *others)
    goods = [
        COFFEE,
        TEA._replace(photos=("a",), price=Decimal(340)),
        others[0]._replace(is_published=False),
        others[1]._replace(description="Собран вручную весной"),
        others[2],
    ]
    found = steps(plan_of(community, goods))
    assert [step.phase for step in found] == [Phase.HIDE, Phase.PRICE, Phase.TEXT, Phase.NEW, Phase.PHOTOS]
    assert found[-1].fields == {"photos": ("a",)}


def test_what_vk_refused_is_not_sent_again_until_it_differs():
    tea = TEA._replace(description="Собран вручную весной", photos=("a",))
    community = published(tea)
    entry = community.by_good(TEA.key)
    renamed = tea._replace(name="Чай зелёный http://example.ru", price=Decimal(360))
    refused = entry._replace(refused={"name": renamed.name}, problem="Ссылка в названии")
    community.entries[entry.listing_id] = refused
    plan = plan_of(community, [renamed])
    assert [step.fields for step in steps(plan)] == [{"price": "360.00"}]
    assert [item.reason.sentence for item in plan.items["blocked"] if item.reason] == ["Ссылка в названии"]
    mended = plan_of(community, [renamed._replace(name="Чай зелёный")])
    assert mended.counts["blocked"] == 0


def test_a_former_price_that_vk_would_not_drop_is_not_dropped_for_ever():
    community = published(TEA)
    entry = community.by_good(TEA.key)
    sent = entry._replace(sent={**entry.sent, "old_price": "990.00"}, refused={"old_price": "0.00"})
    community.entries[entry.listing_id] = sent
    plan = plan_of(community, [TEA])
    assert not plan.has_work and plan.counts["blocked"] == 1


def test_what_vk_would_not_show_is_shown_once_something_differs():
    community = published(TEA)
    entry = community.by_good(TEA.key)
    sent = {**entry.sent, "available": False}
    hidden = entry._replace(state="hidden", sent=sent, seen={}, refused={"available": True})
    community.entries[entry.listing_id] = hidden
    assert not plan_of(community, [TEA]).has_work
    dearer = plan_of(community, [TEA._replace(price=Decimal(340))])
    assert [step.fields for step in steps(dearer)] == [{"price": "340.00", "available": True}]


def test_what_comes_back_waits_for_a_price_that_vk_takes():
    community = published(TEA)
    entry = community.by_good(TEA.key)
    sent = {**entry.sent, "available": False}
    hidden = entry._replace(state="hidden", sent=sent, seen={}, refused={"price": "340.00"})
    community.entries[entry.listing_id] = hidden
    other = TEA._replace(price=Decimal(340), description="Собран вручную весной")
    assert [list(step.fields) for step in steps(plan_of(community, [other]))] == [["description"]]
    cheaper = other._replace(price=Decimal(330))
    assert [step.fields["available"] for step in steps(plan_of(community, [cheaper]))] == [True]


def test_a_refused_card_is_compared_by_the_picture_alone():
    card = {"photo_ids": [1], "card": [TEA.name, "", "", "#ffffff"]}
    refused = {"name": TEA.name, **card}
    entry = Entry(1, "A-1", None, "failed", {}, {}, (TEA.key,), refused=refused, problem="Не принят")
    assert make_plan([TEA], Existing([entry]), SETTINGS).counts["blocked"] == 1


def test_a_good_that_vk_would_not_add_waits_for_another_text():
    entry = Entry(
        1, "A-1", None, "failed", {}, {}, (TEA.key,), refused={"name": TEA.name}, problem="Не принят"
    )
    existing = Existing([entry])
    assert make_plan([TEA], existing, SETTINGS).counts["blocked"] == 1
    renamed = make_plan([TEA._replace(name="Чай зелёный байховый")], existing, SETTINGS)
    assert [(item.sku, item.look_up) for item in renamed.items["create"]] == [("A-1", False)]
