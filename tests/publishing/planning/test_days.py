"""New goods are spread over days as VK's quota allows, and the date of the end is told beforehand."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.publishing.planning.days import DAY, spread

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_fifteen_thousand_goods_take_three_days():
    portions = spread(15_000, [], 7_000, NOON, seconds_a_good=0.36)
    assert [portion.goods for portion in portions] == [7_000, 7_000, 1_000]
    assert [portion.begins_at.date().day for portion in portions] == [28, 29, 30]
    assert portions[-1].ends_at < NOON + 2 * DAY + timedelta(hours=2)


def test_what_was_added_in_one_go_gets_its_room_back_in_one_go():
    morning = [NOON - 3 * timedelta(hours=1) + n * MINUTE for n in range(30)]
    evening = [NOON - 16 * timedelta(hours=1) + n * MINUTE for n in range(20)]
    first, second = spread(45, sorted(morning + evening), 50, NOON)
    assert (first.goods, first.begins_at) == (20, evening[-1] + DAY)
    assert (second.goods, second.begins_at) == (25, morning[-1] + DAY)


def test_what_fits_today_goes_today_and_nothing_is_promised_where_nothing_is_taken():
    assert [portion.goods for portion in spread(5, [NOON], 10, NOON)] == [5]
    assert spread(5, [], 0, NOON) == []
    assert spread(0, [], 10, NOON) == []


moments = st.lists(st.integers(0, 24 * 60 - 1), max_size=30).map(
    lambda minutes: sorted(NOON - each * MINUTE for each in minutes)
)


@given(st.integers(0, 100), moments, st.integers(1, 40), st.floats(0, 20))
def test_no_day_takes_more_than_vk_allows_and_nothing_is_left(
    goods: int, added: list[datetime], daily: int, seconds: float
):
    portions = spread(goods, added, daily, NOON, seconds)
    assert sum(portion.goods for portion in portions) == goods
    all_added = [*added, *(p.ends_at for p in portions for _ in range(p.goods))]
    for portion in portions:
        of_late = [at for at in all_added if portion.ends_at - DAY < at <= portion.ends_at]
        assert len(of_late) <= max(daily, len(added))
