"""The plan as rows: sorted by name, page after page, each row once."""

from decimal import Decimal

from app.mirror.folding import fold
from app.publishing.planning.changes import Change
from app.publishing.planning.existing import Entry, ForeignItem
from app.publishing.planning.good import Good
from app.publishing.planning.make import Existing, make_plan
from app.publishing.planning.plan import KINDS
from app.publishing.planning.quotas import Limits
from app.publishing.planning.rows import all_rows, page_of_rows
from app.publishing.planning.settings import Settings
from tests.publishing.planning.shelf import goods

SETTINGS = Settings(default_category_id=1, photo_fallback="card")
PLAN = make_plan(goods(300), Existing(), SETTINGS, limits=Limits(daily=100))


def test_pages_show_every_row_once_in_the_order_of_names():
    for kind in ("create", "blocked"):
        rows, after = [], None
        while True:
            page = page_of_rows(PLAN, kind, 17, after)
            rows += page.rows
            if (after := page.after) is None:
                break
        assert len(rows) == PLAN.counts[kind] > 20
        assert len({(row.store_id, row.product_id) for row in rows}) == len(rows)
        names = [fold(row.item.want.good.name) for row in rows if row.item.want]
        assert names == sorted(names)


def test_rows_can_be_narrowed_to_one_reason():
    for reason, count in PLAN.blocked_by_reason:
        page = page_of_rows(PLAN, "blocked", 300, reason=reason.code)
        assert {row.reason.code for row in page.rows if row.reason} == {reason.code}
        assert len(page.rows) >= count
    assert sum(count for _, count in PLAN.blocked_by_reason) == PLAN.counts["blocked"]


def test_a_new_good_shows_all_that_is_sent():
    tea = Good(
        "s1", "tea", "Чай зелёный", price=Decimal(350), article="A-1", description="Собран вручную весной"
    )
    (row,) = all_rows(make_plan([tea], Existing(), SETTINGS), "create")
    assert (row.kind, row.store_id, row.product_id, row.sku, row.name) == (
        "create",
        "s1",
        "tea",
        "A-1",
        "Чай зелёный",
    )
    assert row.fields[0] == Change("price", None, "350.00")
    assert {change.field for change in row.fields} == {
        "price",
        "available",
        "name",
        "description",
        "category_id",
        "photos",
    }


def test_what_waits_for_another_day_is_marked():
    waiting = [row for row in all_rows(PLAN, "create") if row.waits]
    assert len(waiting) == PLAN.counts["create"] - 100 == len(PLAN.waiting)


def test_listings_without_a_good_have_rows_too():
    lone = Entry(5, "lone", 50, "live", {"name": "Старый чай"}, {}, ())
    plan = make_plan([], Existing([lone], [ForeignItem(7, "Чужой", "x")]), SETTINGS)
    (hidden,) = page_of_rows(plan, "hide", 10).rows
    assert (hidden.store_id, hidden.product_id, hidden.name) == ("", "listing-5", "Старый чай")
    (foreign,) = page_of_rows(plan, "foreign", 10).rows
    assert (foreign.product_id, foreign.name, foreign.sku) == ("item-7", "Чужой", "x")


def test_every_kind_is_counted():
    assert set(PLAN.counts) == set(KINDS)
    assert sum(PLAN.counts.values()) == sum(len(list(all_rows(PLAN, kind))) for kind in KINDS)
