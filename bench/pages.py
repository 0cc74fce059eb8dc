"""Measure pages through HTTP, in a process of its own: `python -m bench.pages DATABASE_URL`.

Prints one line of JSON: a list of measures, each with its name, its milliseconds, the number of SQL
statements and of bytes, and `bare_ms`: how long the same server takes for as many bytes of nothing.
`busy_ms` and `bare_busy_ms` are of the processor alone, in the server and in the database, `ratio` is the
middle of their ratios turn by turn, and `of_page` that of the ratios to the first page of goods, which takes
`page_busy_ms`.
"""

import http.client
import json
import logging
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from statistics import fmean, median
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask
from sqlalchemy import delete, event, func, select

from app.accounts.models import User
from app.catalog.lists.address import PRODUCT_SORTS
from app.catalog.lists.sorting import sort_key
from app.data.db import db
from app.mirror.models import CachedProduct
from app.rules.models import SyncFilter
from app.rules.read import config_of
from app.web.cursor import Cursor
from bench.filling import GOODS_A_RULE, add_rules
from bench.middle import middle
from bench.over_http import Asked, Served, Took, bare, in_turn, serving, signed_in
from bench.product import EMAIL, application
from bench.rules import settle

REPEATS = 40
SEARCHES = {
    "search: part of a name": "амоВАР",
    "search: rare part of a name": "№ 4321",
    "search: beginning of many names": "чай",
    "search: two letters": "ча",
    "search: start of an article": "00432",
    "search: start of a barcode": "200000000432",
    "search: nothing found": "такого товара нет",
}
TOGGLE = "toggle"
# How the list of goods and its orders are called; and as what a question counts.
PAGE = "page"
_OWN, _BARE, _OF = "own", "bare", "of"
# Pages of counts, by the line of the contract that promises them.
LISTS = {"groups page": "groups", "stores page": "stores", "/sync": "sync"}


def main() -> None:
    """Measure every page of the list, as the owner who owns the goods."""
    logging.disable(logging.INFO)
    app = application(sys.argv[1])
    page, cookie = signed_in(app)
    with app.app_context():
        user_id = db.session.scalars(select(User.id).filter_by(email=EMAIL)).one()
        _put_rules(user_id)
        deep = {sort: _middle(user_id, sort) for sort in PRODUCT_SORTS}
    asked = {name: Asked(address, {"Cookie": cookie}) for name, address in _addresses(page, deep)}
    asked[TOGGLE] = click(app, page, cookie)
    sizes = {name: counted(app, each) for name, each in asked.items()}
    with serving(app) as served:
        measures = measure(served, asked, sizes)
    print(json.dumps(measures))


def _addresses(page: str, deep: dict[str, str]) -> Iterator[tuple[str, str]]:
    for sort in PRODUCT_SORTS:
        for direction in ("asc", "desc"):
            url = f"{page}&sort={sort}&dir={direction}"
            yield f"{PAGE}: {sort} {direction}, first", url
            yield f"{PAGE}: {sort} {direction}, deep", f"{url}&after={deep[sort]}"
    for name, words in SEARCHES.items():
        yield name, f"{page}&q={quote(words)}"
    yield from zip(LISTS, (page.replace("/products?", "/groups?"), "/catalog", "/sync"), strict=True)


def _put_rules(user_id: int) -> None:
    """Give every so many of the owner's goods a rule of its own, whatever rules there were."""
    config = config_of(user_id)
    db.session.execute(delete(SyncFilter).filter_by(sync_config_id=config.id))
    goods = CachedProduct.user_id == user_id, CachedProduct.id % GOODS_A_RULE == 0
    add_rules(db.session.connection(), *goods)
    db.session.commit()
    settle()


def click(app: Flask, page: str, cookie: str) -> Asked:
    """A click that puts a rule on the first good; each one writes, since `none` comes between in no list."""
    html = app.test_client(use_cookies=False).get(page, headers={"Cookie": cookie}).get_data(as_text=True)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', html)[0]
    row = re.findall(r"filter\?row=(p\d+)", html)[0]
    headers = {
        "Cookie": cookie,
        "HX-Request": "true",
        "HX-Request-Type": "partial",
        "X-CSRFToken": token,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return Asked(f"/catalog/filter?row={row}", headers, urlencode({"filter_mode": "include"}))


def counted(app: Flask, asked: Asked) -> tuple[int, int]:
    """How many statements an answer takes, and its bytes."""
    statements: list[str] = []
    client = app.test_client(use_cookies=False)
    _answer(client, asked)
    with app.app_context():
        engine = db.engine
    listen = lambda _connection, _cursor, statement, *_: statements.append(statement)  # noqa: E731
    event.listen(engine, "before_cursor_execute", listen)
    try:
        return len(_answer(client, _other_mode(asked))) and len(statements), len(_answer(client, asked))
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def _other_mode(asked: Asked) -> Asked:
    """The same click, to the other side; a page is asked as it is."""
    return asked._replace(form=urlencode({"filter_mode": "exclude"})) if asked.form else asked


def _answer(client: Any, asked: Asked) -> bytes:
    headers = dict(asked.headers)
    ask = client.get if asked.form is None else client.post
    answer = ask(asked.address, headers=headers, **({} if asked.form is None else {"data": asked.form}))
    if answer.status_code != http.client.OK:
        raise SystemExit(f"{asked.address}: status {answer.status_code}")
    return bytes(answer.data)


def measure(
    served: Served, asked: Mapping[str, Asked], sizes: Mapping[str, tuple[int, int]], repeats: int = REPEATS
) -> list[dict[str, Any]]:
    """Ask all of them so often, each time in turn with a bare answer of as many bytes.

    What the machine does besides changes within seconds: so it meets every page alike. `ratio` is the middle
    of what the turns give, `of_page` the same beside the first that is asked, which is asked again right
    before whatever is no other order of it. sizes: statements and bytes.
    """
    page = next(iter(asked))
    turn = [one for name in asked for one in _questions(name, page, asked, sizes[name][1])]
    took: dict[str, dict[str, list[list[Took]]]] = {name: defaultdict(list) for name in asked}
    answers = in_turn(served, repeats, *(each for *_, each in turn))
    for (name, kind, _), taken in zip(turn, answers, strict=True):
        took[name][kind].append(taken)
    return [_figures(name, took, sizes) for name in asked]


def _questions(
    name: str, page: str, asked: Mapping[str, Asked], size: int
) -> Iterator[tuple[str, str, Asked]]:
    """What is asked for the sake of one figure, and as what it counts there."""
    if not name.startswith(PAGE):
        yield name, _OF, asked[page]
    each = asked[name]
    # A click that changes nothing writes nothing: the other side in turn with it.
    for side in (each, _other_mode(each)) if each.form else (each,):
        yield name, _OWN, side
        yield name, _BARE, bare(size)


def _figures(
    name: str, took: Mapping[str, Mapping[str, list[list[Took]]]], sizes: Mapping[str, tuple[int, int]]
) -> dict[str, Any]:
    statements, size = sizes[name]
    own, empty, of_page = (
        [_mean(turn) for turn in zip(*took[name][kind], strict=True)] for kind in (_OWN, _BARE, _OF)
    )
    # One bare answer is so short that what the machine does besides shows: all of this turn as big as it.
    alike = [
        one for other, by in took.items() if abs(sizes[other][1] - size) <= size / 10 for one in by[_BARE]
    ]
    beside = [median(one.busy_ms for one in turn) for turn in zip(*alike, strict=True)]
    measure = {
        **{"name": name, "statements": statements, "bytes": size},
        **{"ms": middle(one.ms for one in own), "bare_ms": middle(one.ms for one in empty)},
        **{"busy_ms": middle(one.busy_ms for one in own), "bare_busy_ms": middle(beside)},
        "ratio": middle(one.busy_ms / bare for one, bare in zip(own, beside, strict=True)),
    }
    if of_page:
        measure["page_busy_ms"] = middle(of.busy_ms for of in of_page)
        measure["of_page"] = middle(one.busy_ms / of.busy_ms for one, of in zip(own, of_page, strict=True))
    return measure


def _mean(took: tuple[Took, ...]) -> Took:
    return Took(*map(fmean, zip(*took, strict=True)))


def _middle(user_id: int, sort: str) -> str:
    key = sort_key(CachedProduct, sort).label("sort_key")
    own = CachedProduct.user_id == user_id
    half = (db.session.scalar(select(func.count()).select_from(CachedProduct).where(own)) or 0) // 2
    goods = select(key, CachedProduct.id).where(own).order_by(key, CachedProduct.id)
    value, row_id = db.session.execute(goods.offset(half).limit(1)).one()
    return Cursor(str(value), row_id, half).encode()


if __name__ == "__main__":
    main()
