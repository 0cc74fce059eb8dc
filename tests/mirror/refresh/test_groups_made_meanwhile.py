"""Groups come before goods: what is made in between lies in groups that the answer has not listed."""

from collections.abc import Callable
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mirror.models import CachedGroup
from tests.databases import on_both
from tests.mirror.refresh.conftest import SIDE, Shop

InTheMiddle = Callable[[Callable[[], object]], Thread]


def parents(session: Session) -> dict[str, str | None]:
    session.expire_all()
    rows = session.scalars(select(CachedGroup).filter_by(store_evotor_id=SIDE))
    return {row.evotor_id: row.parent_evotor_id for row in rows}


@on_both
@pytest.mark.parametrize("is_new", [True, False], ids=["a new good", "a good that was there"])
def test_a_group_made_while_goods_are_read_comes_with_them(
    shop: Shop, refresh, goods, db_session: Session, in_the_middle: InTheMiddle, is_new: bool
) -> None:
    for number in range(4, 8):
        shop.put(shop.side, f"p{number}")
    refresh()
    # On the third page: the second is on its way.
    good = "p9" if is_new else "p7"

    def put_into_a_new_group() -> None:
        shop.side.groups.put({"id": "made", "name": "Для своих: новинки", "parent_id": "g0"})
        shop.put(shop.side, good, parent_id="made")

    thread = in_the_middle(put_into_a_new_group)
    assert refresh().status == "done"
    thread.join()
    assert goods(SIDE)[good].group_evotor_id == "made"
    assert parents(db_session)["made"] == "g0"


def test_groups_are_read_once_more_only_for_what_comes_into_one_that_there_is_not(
    shop: Shop, refresh, goods
) -> None:
    def readings_of_groups() -> int:
        shop.world.journal.clear()
        assert refresh().status == "done"
        return sum(
            "product-groups" in each.path and SIDE in each.path for each in shop.world.journal.entries()
        )

    usual = readings_of_groups()
    assert usual
    shop.put(shop.side, "p9", parent_id="gone for good")
    assert readings_of_groups() == 2 * usual
    shop.put(shop.side, "p9", parent_id="gone for good", price=120)
    assert readings_of_groups() == usual and goods(SIDE)["p9"].price == 120
