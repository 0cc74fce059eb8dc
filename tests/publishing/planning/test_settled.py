"""What is as it should be is known by its mark, and a mark never hides anything that there is to do."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.publishing.planning.existing import Entry, Listed
from app.publishing.planning.good import Good
from app.publishing.planning.make import Existing, make_plan
from app.publishing.planning.plan import Plan
from app.publishing.planning.quotas import Limits
from app.publishing.planning.settings import Settings
from tests.publishing.planning.community import Community
from tests.publishing.planning.test_plan import (
    COFFEE,
    SETTINGS,
    TEA,
    UNHURRIED,
    any_settings,
    catalogues,
    plan_of,
    published,
)

NO_LIMITS = Limits()
# Albums make a listing depend on the others, and goods that are joined have one together.
more_settings = st.builds(
    replace,
    any_settings,
    albums=st.sampled_from((False, False, True)),
    reserve=st.sampled_from((Decimal(0), Decimal(2))),
    lost_categories=st.sampled_from(((), (), (1,))),
    hide_guard_percent=st.sampled_from((20, 50)),
)


def marked(
    community: Community, goods: list[Good], settings: Settings = SETTINGS, limits: Limits = NO_LIMITS
) -> Plan:
    """The plan where the ledger knows what is settled; what it finds settled is noted."""
    whole = {
        entry.listing_id: entry._replace(revision=hash(repr(entry._replace(revision=None, settled=None))))
        for entry in community.entries.values()
    }
    short = [Listed(*(getattr(entry, name) for name in Listed._fields)) for entry in whole.values()]
    existing = Existing(
        short,
        community.existing().foreign,
        read=lambda listed: [whole[entry.listing_id] for entry in listed],
    )
    plan = make_plan(goods, existing, settings, limits=limits)
    for listing_id, mark in plan.settled.items():
        community.entries[listing_id] = community.entries[listing_id]._replace(settled=mark)
    return plan


def told(plan: Plan) -> Any:
    items = [
        (kind, item.sku, item.key, item.changes, item.reason)
        for kind, found in plan.items.items()
        for item in found
    ]
    return items, plan.digest, [hold.examples for hold in plan.holds], plan.waiting, plan.in_vk


@hypothesis_settings(UNHURRIED, max_examples=25)
@given(
    st.lists(st.tuples(catalogues, more_settings, st.booleans(), st.booleans()), min_size=1, max_size=3),
    st.sampled_from((7000, 2)),
)
def test_a_plan_is_the_same_with_marks_and_without(
    days: list[tuple[list[Good], Settings, bool, bool]], daily: int
):
    community, limits = Community(), Limits(daily=daily)
    for goods, settings, is_read, is_edited in days:
        plan = marked(community, goods, settings, limits)
        assert told(plan) == told(plan_of(community, goods, settings, limits=limits))
        community.carry_out(plan)
        if is_edited and community.shop:
            next(iter(community.shop.values()))["name"] = "Изменили во ВКонтакте"
        if is_read:
            community.read()
        for again in (settings, replace(settings, merge_by="none", albums=False)):
            told_by_marks = told(marked(community, goods, again, limits))
            assert told_by_marks == told(plan_of(community, goods, again, limits=limits))
            # What was noted just now is known the next time.
            assert told_by_marks == told(marked(community, goods, again, limits))
        # The others of the same shop: some sold out or changed meanwhile, the rest known by their marks.
        some = [
            good._replace(quantity=Decimal(0)) if number % 3 else good for number, good in enumerate(goods)
        ]
        assert told(marked(community, some, again)) == told(plan_of(community, some, again))


def test_what_is_noted_as_settled_is_not_compared_again(monkeypatch: pytest.MonkeyPatch):
    community = published(TEA, COFFEE)
    assert len(marked(community, [TEA, COFFEE]).settled) == 2
    compared: list[Entry] = []
    monkeypatch.setattr(
        "app.publishing.planning.itemizing.compare", lambda entry, want, owners: compared.append(entry)
    )
    assert marked(community, [TEA, COFFEE]).settled == {}
    assert not compared


@pytest.mark.parametrize(
    ("facts", "settings"),
    [
        ({"price": Decimal(351)}, {}),
        ({"name": "Чай белый"}, {}),
        ({"description": "Собран вручную весной"}, {}),
        ({"photos": ("a",)}, {}),
        ({"quantity": Decimal(0)}, {}),
        ({"store_name": "Другая"}, {}),
        ({}, {"default_category_id": 2}),
        ({}, {"card_colour": "#123456"}),
        ({}, {"description_template": "Новый: {name}"}),
    ],
)
def test_whatever_changes_is_found_in_spite_of_marks(facts: dict[str, Any], settings: dict[str, Any]):
    community = published(TEA)
    marked(community, [TEA])
    assert marked(community, [TEA._replace(**facts)], replace(SETTINGS, **settings)).has_work
