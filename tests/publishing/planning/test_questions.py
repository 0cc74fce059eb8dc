"""Fields have owners: an edit made in VK is overwritten, kept or asked about, as the owner chose."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.publishing.planning.changes import Change
from app.publishing.planning.good import Good
from app.publishing.planning.make import make_plan
from app.publishing.planning.plan import Plan
from app.publishing.planning.settings import Settings
from app.publishing.planning.steps import steps
from tests.publishing.planning.community import Community

SETTINGS = Settings(default_category_id=1, photo_fallback="card")
TEA = Good(
    "s1",
    "tea",
    "Чай зелёный",
    price=Decimal(350),
    description="Собран вручную весной",
    photos=("a",),
    article="A-1",
)


@pytest.fixture
def community() -> Community:
    """A shop where the tea is published and read again."""
    community = Community()
    community.carry_out(make_plan([TEA], community.existing(), SETTINGS))
    community.read()
    return community


def edit(community: Community, **fields: object) -> None:
    item_id = community.by_good(TEA.key).item_id
    assert item_id is not None
    community.shop[item_id].update(fields)
    community.read()


def plan_of(community: Community, good: Good = TEA, settings: Settings = SETTINGS) -> Plan:
    return make_plan([good], community.existing(), settings)


def asked(plan: Plan) -> list[Change]:
    return [change for item in plan.items["ask"] for change in item.changes]


def sent(plan: Plan) -> list[dict[str, object]]:
    return [step.fields for step in steps(plan)]


def test_an_edit_in_vk_is_asked_about_with_both_values(community: Community):
    edit(community, name="Чай из Алишаня")
    plan = plan_of(community)
    assert asked(plan) == [Change("name", "Чай из Алишаня", "Чай зелёный")]
    assert not plan.has_work


def test_what_the_owner_gave_to_vk_is_kept(community: Community):
    edit(community, name="Чай из Алишаня", description="Очень вкусный чай")
    kept = replace(SETTINGS, own_name="vk", own_description="vk")
    plan = plan_of(community, TEA._replace(name="Чай зелёный байховый"), kept)
    assert (asked(plan), sent(plan)) == ([], [])


def test_what_the_owner_gave_to_the_till_is_overwritten(community: Community):
    edit(community, name="Чай из Алишаня")
    plan = plan_of(community, settings=replace(SETTINGS, own_name="till"))
    assert (asked(plan), sent(plan)) == ([], [{"name": "Чай зелёный"}])


@pytest.mark.parametrize(("answer", "fields"), [("till", [{"name": "Чай зелёный"}]), ("vk", [])])
def test_an_answer_holds_for_the_listing_it_was_given_for(
    community: Community, answer: str, fields: list[dict[str, object]]
):
    edit(community, name="Чай из Алишаня")
    entry = community.by_good(TEA.key)
    community.entries[entry.listing_id] = entry._replace(owners={"name": answer, "price": "vk"})
    plan = plan_of(community)
    assert (asked(plan), sent(plan)) == ([], fields)


def test_price_and_availability_are_always_the_tills(community: Community):
    edit(community, price="1.00", available=False)
    entry = community.by_good(TEA.key)
    community.entries[entry.listing_id] = entry._replace(owners={"price": "vk", "available": "vk"})
    assert sent(plan_of(community)) == [{"price": "350.00", "available": True}]


def test_a_question_about_one_field_does_not_stop_the_others(community: Community):
    edit(community, name="Чай из Алишаня")
    plan = plan_of(community, TEA._replace(price=Decimal(360)))
    assert sent(plan) == [{"price": "360.00"}]
    assert [change.field for change in asked(plan)] == ["name"]


def test_an_edit_that_agrees_with_the_till_is_no_question(community: Community):
    edit(community, name="Чай зелёный байховый")
    plan = plan_of(community, TEA._replace(name="Чай зелёный байховый"))
    assert (asked(plan), sent(plan)) == ([], [])


def test_what_vk_escaped_was_not_edited():
    community = Community()
    good = TEA._replace(name='Чай "Алишань" & мёд')
    community.carry_out(make_plan([good], community.existing(), SETTINGS))
    edit(community, name="Чай &quot;Алишань&quot; &amp; мёд", price="350.0")
    plan = plan_of(community, good)
    assert (asked(plan), sent(plan)) == ([], [])


def test_photos_changed_in_vk_are_asked_about(community: Community):
    edit(community, photo_ids=[77, 78])
    plan = plan_of(community)
    assert [change.field for change in asked(plan)] == ["photos"]
    assert sent(plan) == []


def test_a_card_never_replaces_a_photo_put_into_vk_by_hand():
    community = Community()
    plain = TEA._replace(photos=())
    community.carry_out(make_plan([plain], community.existing(), SETTINGS))
    edit(community, photo_ids=[77])
    for owner in ("ask", "till"):
        plan = plan_of(community, plain, replace(SETTINGS, own_photos=owner))
        assert (asked(plan), sent(plan)) == ([], [])


def test_a_new_photo_takes_the_place_of_the_card():
    community = Community()
    community.carry_out(make_plan([TEA._replace(photos=())], community.existing(), SETTINGS))
    community.read()
    assert sent(plan_of(community)) == [{"photos": ("a",)}]


def test_a_good_that_lost_its_photos_keeps_those_in_vk(community: Community):
    plan = plan_of(community, TEA._replace(photos=()), replace(SETTINGS, photo_fallback="block"))
    assert (asked(plan), sent(plan)) == ([], [])


def test_a_name_that_vk_would_not_take_leaves_the_old_one(community: Community):
    plan = plan_of(community, TEA._replace(name="Чай", price=Decimal(360)))
    assert sent(plan) == [{"price": "360.00"}]
