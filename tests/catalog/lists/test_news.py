"""Chips above the lists of goods that find what a refresh has brought: new goods, and other prices."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.data.types import now
from app.mirror.models import FormerPrice
from tests.catalog.pages import ids_at
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

LIST = "/catalog/products?store_id=s1"


def found(owner: Owner, label: str, address: str = LIST) -> set[str]:
    """What the chip called so leads to."""
    (link,) = owner.client.get(address).page.select(f"//nav[@id='chips']/a[.='{label}']/@href")
    return set(ids_at(owner, link))


@on_both
def test_new_goods_are_those_that_wait_in_the_list_of_new_ones(
    alice: Owner, bob: Owner, stock: Stock
) -> None:
    goods = [product(id, group="tea" if id == "b" else None) for id in "abcd"]
    stock.put(groups=[group("tea")], products=goods)
    stock.put("s2", "Склад", products=[product("a"), product("b")])
    Stock(bob).put(products=goods)
    new = {("s1", "a"): False, ("s1", "b"): False, ("s1", "c"): True, ("s1", "d"): False, ("s2", "a"): False}
    stock.news(new, {}, waits=False)
    stock.rule("product", "d", "exclude")
    assert found(alice, "Новые") == {"a", "b"}
    assert found(alice, "Новые", f"{LIST}&group_id=tea") == {"b"}
    assert found(alice, "Новые", f"{LIST}&q=Товар") == {"a", "b"}
    assert sorted(ids_at(alice, "/catalog/all?news=new")) == ["a", "a", "b"]
    assert found(bob, "Новые") == set()


@on_both
def test_a_price_has_changed_for_a_week(alice: Owner, bob: Owner, stock: Stock, db_session: Session) -> None:
    def put(price: int) -> None:
        changing = [product(id, price=price) for id in ("dear", "long ago")]
        stock.put(products=[*changing, product("same", price=100), product("unpriced")])
        stock.put("s2", "Склад", products=[product("same", price=price)])

    Stock(bob).put(products=[product("dear", price=100)])
    put(100)
    assert found(alice, "Изменилась цена") == set()
    put(120)
    week_ago = update(FormerPrice).where(FormerPrice.evotor_id == "long ago")
    db_session.execute(week_ago.values(changed_at=now() - timedelta(days=8)))
    db_session.commit()
    assert found(alice, "Изменилась цена") == {"dear"}
    assert sorted(ids_at(alice, "/catalog/all?news=price")) == ["dear", "same"]
    assert found(bob, "Изменилась цена") == set()


def test_such_a_list_is_changed_by_one_rule_exported_and_kept_like_any(alice: Owner, stock: Stock) -> None:
    stock.put(products=[product("a"), product("b")])
    stock.news({("s1", "a"): False}, {}, waits=False)
    page = alice.client.get(f"{LIST}&news=new").page
    assert page.texts("//nav[@id='chips']/a[@aria-current]") == ["Новые"]
    (export,) = page.select("//a[@id='export']/@href")
    assert len(alice.client.get(export).text.splitlines()) == 2
    (bulk,) = page.select("//form[@id='bulk']/@action")
    plan = alice.client.post(bulk, data={"scope": "found", "filter_mode": "exclude"})
    assert "новые" in alice.client.get(plan.headers["Location"]).page.text
    assert alice.client.get(f"{LIST}&news=old").status_code == 400
