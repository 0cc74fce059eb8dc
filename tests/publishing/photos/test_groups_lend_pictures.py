"""The plan takes a good's own pictures, else those of the nearest group above it."""

import time

from app.publishing.goods import goods_of
from tests.owners import Owner
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock, group, product


def pictures(owner: Owner) -> dict[str, int]:
    """How many pictures each published good goes with."""
    with owner.app.app_context():
        return {good.product_id: len(good.photos) for good in goods_of(owner.id, 1)}


def test_the_nearest_group_lends_until_a_good_has_its_own(alice: Owner, stock: Stock) -> None:
    groups = [group("top"), group("middle", parent="top"), group("low", parent="middle"), group("other")]
    goods = [product("p1", group="low"), product("p2", group="middle"), product("p3", group="other")]
    stock.put(groups=groups, products=[*goods, product("p4")])
    assert set(pictures(alice).values()) == {0}
    upload(alice, ("a.jpg", jpeg("red")), ("b.jpg", jpeg("blue")), to={"store_id": "s1", "group_id": "top"})
    assert pictures(alice) == {"p1": 2, "p2": 2, "p3": 0, "p4": 0}
    upload(alice, ("c.jpg", jpeg("gold")), to={"store_id": "s1", "group_id": "middle"})
    assert pictures(alice) == {"p1": 1, "p2": 1, "p3": 0, "p4": 0}
    upload(alice, *((f"{n}.jpg", jpeg(size=(500, 300 + n))) for n in range(3)))
    assert pictures(alice) == {"p1": 3, "p2": 1, "p3": 0, "p4": 0}


def test_groups_that_lie_in_each_other_end_the_way_up(alice: Owner, stock: Stock) -> None:
    ring = [group("a", parent="b"), group("b", parent="a")]
    groups = [*ring, group("c", parent="a"), group("lost", parent="?")]
    stock.put(groups=groups, products=[product("p1", group="c"), product("p2", group="lost")])
    upload(alice, ("x.jpg", jpeg()), to={"store_id": "s1", "group_id": "lost"})
    assert pictures(alice) == {"p1": 0, "p2": 1}
    upload(alice, ("x.jpg", jpeg()), to={"store_id": "s1", "group_id": "b"})
    assert pictures(alice) == {"p1": 1, "p2": 1}


def test_a_deep_chain_of_groups_is_walked_once(alice: Owner, stock: Stock) -> None:
    groups = [group(f"g{n}", parent=f"g{n - 1}" if n else None) for n in range(4000)]
    stock.put(groups=groups, products=[product("p1", group="g3999")])
    upload(alice, ("x.jpg", jpeg()), to={"store_id": "s1", "group_id": "g0"})
    began = time.process_time()
    assert pictures(alice) == {"p1": 1}
    # A walk for each group would make eight million steps.
    assert time.process_time() - began < 1
