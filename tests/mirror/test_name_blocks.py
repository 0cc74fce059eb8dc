"""The index of blocks of names knows every block that a search has to look into, however the goods change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.lists import by_name, keyset, name_ranges, products
from app.data.db import db
from app.mirror import name_blocks
from app.mirror.folding import fold
from app.mirror.models import CachedProduct
from app.mirror.name_blocks import NameBlock, NameGram
from app.mirror.search import pieces
from tests.catalog.pages import row_ids
from tests.owners import Owner
from tests.stock import Stock, product

SHORT = st.text("аб ё.", max_size=9)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few goods be many: a store of ten has an index, and what finds more than four is not counted."""
    for name, value in {"FEWEST": 10, "IN_BLOCK": 3, "_MOST_ADDED": 4}.items():
        monkeypatch.setattr(name_blocks, name, value)
    monkeypatch.setattr(name_ranges, "AT_FIRST", 2)
    for module in (keyset, products, by_name, name_ranges):
        monkeypatch.setattr(module, "FOUND", 4)


def goods(*names: str) -> list:
    plain = [product(f"p{number:02}", f"Сахар {number:02}") for number in range(24)]
    return [*plain, *(product(f"n{number}", name) for number, name in enumerate(names))]


def found(owner: Owner, words: str) -> list[str]:
    return row_ids(owner.client.get("/catalog/products", query_string={"store_id": "s1", "q": words}).page)


def built(owner: Owner) -> int:
    with owner.app.app_context():
        return db.session.query(NameBlock).filter_by(user_id=owner.id).count()


@given(name=SHORT, q=SHORT)
def test_a_name_that_has_the_words_has_their_pieces(name: str, q: str) -> None:
    name, words = fold(name), fold(q).split(" ")
    of_name = name_blocks.pieces_of_all([name])
    if all(word in name for word in words if len(word) > 2):
        long = " ".join(word for word in words if len(word) > 2)
        assert pieces(long, begins=False) <= of_name
    if all(f" {word}" in f" {name}" for word in words):
        assert pieces(q, begins=True) <= of_name


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.usefixtures("small")
def test_what_comes_is_renamed_or_goes_is_found_as_it_is(stock: Stock, alice: Owner, bob: Owner) -> None:
    stock.put(products=goods(*(f"Якорь не{number}весомый" for number in range(6))))
    blocks = built(alice)
    assert blocks > 5
    assert found(alice, "весом") == [f"n{number}" for number in range(6)]
    # One comes, one is called otherwise, one goes; in blocks that had no such name.
    changed = ["Арбуз невесомый", *(f"Якорь не{number}весомый" for number in range(1, 5)), "Яблоко"]
    stock.put(products=[*goods(*changed), product("new", "Сахар 11 невесомый")])
    assert built(alice) == blocks
    assert found(alice, "весом") == ["n0", "new", "n1", "n2", "n3", "n4"]
    assert found(bob, "весом") == []
    # So many come into one block that all are made anew.
    many = [product(f"m{number}", f"Сахар 05 невесомый {number}") for number in range(9)]
    stock.put(products=[*goods(*changed), *many])
    assert built(alice) != blocks
    assert found(alice, "весом") == ["n0", *(f"m{number}" for number in range(9)), "n1", "n2", "n3", "n4"]
    stock.put(products=[])
    assert found(alice, "весом") == []
    stock.put(products=goods(*changed))
    assert found(alice, "весом") == ["n0", "n1", "n2", "n3", "n4"]


@pytest.mark.usefixtures("small")
def test_no_bit_is_missing_after_many_changes(stock: Stock, alice: Owner) -> None:
    for turn in range(6):
        stock.put(
            products=goods(*(f"{'абвгде'[(turn + number) % 6]}яр {number}" for number in range(4 + turn % 3)))
        )
    with alice.app.app_context():
        names = db.session.query(CachedProduct.sort_name).filter_by(user_id=alice.id)
        for (name,) in names:
            here = (NameBlock.first_name <= name, NameBlock.end_name > name)
            block = db.session.query(NameBlock).filter_by(user_id=alice.id).filter(*here).one()
            for piece in name_blocks.pieces_of_all([name]):
                bits = db.session.query(NameGram.blocks).filter_by(user_id=alice.id, gram=piece).scalar()
                assert int.from_bytes(bits, "little") >> block.number & 1, (name, piece)
