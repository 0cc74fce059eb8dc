"""Groups are held of several stores at once: as few bytes of them as may be, and of none too many."""

from datetime import datetime

from sqlalchemy import func, select

from app.clients.evotor.client import Group
from app.mirror import held_groups
from app.mirror.held_groups import HeldGroups
from app.mirror.models import CachedGroup, CachedStore
from tests.mirror.refresh.conftest import MAIN, SIDE, said


def test_a_store_whose_groups_weigh_too_much_stays_as_it_was_and_the_others_come_in(
    refresh, shop, goods, owner, db_session, monkeypatch
) -> None:
    refresh()
    monkeypatch.setattr(held_groups, "GROUPS_BYTES", 2_000)
    for number in range(10):
        shop.side.groups.put({"id": f"h{number}", "name": "\N{GRINNING FACE}" * 255})
    for store in (shop.main, shop.side):
        shop.put(store, "new")
    run = refresh()
    assert run.status == "partial"
    assert "new" in goods(MAIN) and "new" not in goods(SIDE)
    assert db_session.scalar(select(func.count()).select_from(CachedGroup)) == 8
    assert "Не удалось обновить «Склад»: Эвотор прислал ответ, который не удалось прочитать" in said(owner)


def test_held_groups_are_given_back_as_they_came() -> None:
    came = [Group(f"g{number}", "Чай", None if number % 2 else "g0") for number in range(1_234)]
    held = HeldGroups(came[:1000])
    held.add(came[1000:])
    assert [group for portion in held.portions() for group in portion] == came
    assert len(held) == 1_234


def test_of_a_group_that_comes_twice_the_last_counts_and_the_next_run_finds_nothing_new(
    stock, db_session, monkeypatch
) -> None:
    monkeypatch.setattr(held_groups, "_PORTION", 2)

    def cached() -> list[tuple]:
        columns = (CachedGroup.evotor_id, CachedGroup.name, CachedGroup.parent_evotor_id)
        db_session.rollback()
        return [tuple(row) for row in db_session.execute(select(*columns).order_by(CachedGroup.evotor_id))]

    def changed_at() -> datetime | None:
        return db_session.scalar(select(CachedStore.changed_at))

    tea, coffee, water = Group("a", "Чай", None), Group("b", "Кофе", None), Group("c", "Вода", "b")
    repeated = [tea, coffee, water, Group("a", "Пуэр", "b")]
    stock.put(groups=repeated)
    assert cached() == [("a", "Пуэр", "b"), coffee, water]
    before = changed_at()
    stock.put(groups=repeated)
    assert cached() == [("a", "Пуэр", "b"), coffee, water]
    assert changed_at() == before
    stock.put(groups=[coffee, tea])
    assert cached() == [tea, coffee]
    assert changed_at() != before
