"""Whose pictures files are, by their names: every good of the owner is looked at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import select

from app.data.db import db
from app.mirror.folding import fold, fold_words
from app.mirror.models import CachedProduct
from app.mirror.stores import store_names
from app.publishing.photos.archive.file_names import Reading, code_key, readings, written_codes
from app.web.formatting import plural
from app.words import gettext_noop

# So many goods of one name are looked at; more are told as too many.
_MOST = 20
_ROWS_A_CHUNK = 2000


class Kind(StrEnum):
    """What of a good the name of a file is, the surest first; SIMILAR is a name but for its signs."""

    BARCODE = "barcode"
    ARTICLE = "article"
    CODE = "code"
    NAME = "name"
    SIMILAR = "similar"


_WORDS = {
    Kind.BARCODE: gettext_noop("По штрихкоду %(text)s"),
    Kind.ARTICLE: gettext_noop("По артикулу %(text)s"),
    Kind.CODE: gettext_noop("По коду %(text)s"),
    Kind.NAME: gettext_noop("По названию"),
    Kind.SIMILAR: gettext_noop("По названию, кроме знаков"),
}


class Found(NamedTuple):
    """A good that a file's name may mean."""

    store_id: str
    product_id: str
    name: str
    article: str | None


class Match(NamedTuple):
    """What a file's name means: no `choices`: nobody's; one: its goods; more: the owner has to say which.

    Each choice is the same good in one store or several.
    """

    choices: Sequence[Sequence[Found]] = ()
    sentence: str = ""
    place: int = 0


Goods = Mapping[tuple[Kind, str], Sequence[Found]]


def goods_named(user_id: int, names: Iterable[str]) -> Goods:
    """Find the owner's goods that the names of files, as they are shown, may mean."""
    texts = {reading.text for name in names for reading in readings(name)}
    codes = {code_key(text) for text in texts}
    folded, similar = {fold(text)[:255] for text in texts}, {fold_words(text) for text in texts} - {""}
    found: defaultdict[tuple[Kind, str], list[Found]] = defaultdict(list)
    for row in _every_good(user_id):
        hits = set()
        lines = written_codes(row.search_text).split("\n")
        if any(line in codes for line in lines):
            hits |= {(kind, key) for kind, key in _codes(row) if key in codes}
        if row.sort_name in folded:
            hits.add((Kind.NAME, row.sort_name))
        if (key := fold_words(row.sort_name)) in similar:
            hits.add((Kind.SIMILAR, key))
        for hit in hits:
            if len(found[hit]) <= _MOST:
                found[hit].append(Found(row.store_evotor_id, row.evotor_id, row.name, row.article_number))
    return found


def match(name: str, goods: Goods) -> Match:
    """Tell what the name of a file means; the surest meaning counts."""
    for reading in readings(name):
        for kind, key in _meanings(reading):
            if found := goods.get((kind, key)):
                return _match(found, kind, reading)
    return Match()


def words_of(choice: Sequence[Found], stores: Mapping[str, str]) -> str:
    """A good as the report names it; its store, where there are several."""
    name = choice[0].name
    if len(choice) > 1:
        return f"{name} · {plural(len(choice), 'магазин', 'магазина', 'магазинов')}"
    return f"{name} · {stores.get(choice[0].store_id, '')}" if len(stores) > 1 else name


def choices_in_words(found: Match, stores: Mapping[str, str]) -> list[str]:
    """The choices as the owner tells them apart: by their articles, too, where these differ."""
    words = [words_of(choice, stores) for choice in found.choices]
    articles = [choice[0].article for choice in found.choices]
    if len(set(articles)) == 1:
        return words
    return [
        gettext("%(good)s · артикул %(article)s", good=said, article=article) if article else said
        for said, article in zip(words, articles, strict=True)
    ]


def stores_of(user_id: int) -> Mapping[str, str]:
    """The names of the owner's stores by their ids."""
    return store_names(user_id)


def _match(found: Sequence[Found], kind: Kind, reading: Reading) -> Match:
    if len(found) > _MOST:
        return Match(
            sentence=gettext("Так называется слишком много товаров. Назовите файл по штрихкоду или артикулу")
        )
    return Match(_the_same(found, kind), gettext(_WORDS[kind], text=reading.text), reading.place)


def _meanings(reading: Reading) -> Iterable[tuple[Kind, str]]:
    code = code_key(reading.text)
    yield from ((kind, code) for kind in (Kind.BARCODE, Kind.ARTICLE, Kind.CODE))
    yield Kind.NAME, fold(reading.text)[:255]
    yield Kind.SIMILAR, fold_words(reading.text)


def _the_same(found: Sequence[Found], kind: Kind) -> list[list[Found]]:
    """Put goods of different stores together that are one: of the same barcode, or else of the same name."""
    choices: list[tuple[str, dict[str, Found]]] = []
    for good in found:
        name = "" if kind is Kind.BARCODE else fold(good.name)
        for known, stores in choices:
            if known == name and good.store_id not in stores:
                stores[good.store_id] = good
                break
        else:
            choices.append((name, {good.store_id: good}))
    return [list(stores.values()) for _, stores in choices]


def _codes(row: Any) -> Iterable[tuple[Kind, str]]:
    for barcode in (row.barcodes or "").split():
        yield Kind.BARCODE, code_key(barcode)
    if row.article_number:
        yield Kind.ARTICLE, code_key(row.article_number)
    if row.code:
        yield Kind.CODE, code_key(row.code)


def _every_good(user_id: int) -> Iterable[Any]:
    columns = (
        CachedProduct.store_evotor_id,
        CachedProduct.evotor_id,
        CachedProduct.name,
        CachedProduct.sort_name,
        CachedProduct.article_number,
        CachedProduct.code,
        CachedProduct.barcodes,
        CachedProduct.search_text,
    )
    statement = select(*columns).filter_by(user_id=user_id).execution_options(yield_per=_ROWS_A_CHUNK)
    with db.session.execute(statement) as rows:
        yield from rows
