"""Pages that count goods beside a page that lists them: `python -m bench.counted DATABASE_URL [GOODS RULES]`.

A database without owners is filled first: one owner of GOODS goods, RULES of which have a rule of their own.
Prints one line of JSON a page: milliseconds of the processor in server and database, and the median of what
its turns give in pages of goods; each is asked in turn with one.
"""

import json
import logging
import sys
from statistics import median

from flask_migrate import upgrade
from sqlalchemy import select

from app.accounts.models import User
from app.data.db import db
from bench.filling import add_owners, session_key
from bench.growth import PAGES
from bench.over_http import Asked, cookie_of, in_turn, serving
from bench.product import application
from bench.rules import settle

COUNTING = ("groups", "stores", "/sync")
REPEATS = 21


def main() -> None:
    """Fill what is empty, ask, and print."""
    logging.disable(logging.INFO)
    app = application(sys.argv[1])
    goods, rules = (int(each) for each in sys.argv[2:] or ("300000", "50000"))
    with app.app_context():
        upgrade()
        user_id = db.session.scalar(select(User.id))
        if user_id is None:
            with db.engine.begin() as connection:
                (user_id,) = add_owners(connection, 1, goods, goods_a_rule=goods // rules)
            settle()
        key = session_key(user_id)
    listed = PAGES["page of goods"]
    cookie = {"Cookie": cookie_of(app, key, listed)}
    asked = [Asked(address, cookie) for name in COUNTING for address in (PAGES[name], listed)]
    with serving(app) as served:
        took = [[each.busy_ms for each in turns] for turns in in_turn(served, REPEATS, *asked)]
    for name, own, beside in zip(COUNTING, took[::2], took[1::2], strict=True):
        ratio = median(page / goods for page, goods in zip(own, beside, strict=True))
        print(
            json.dumps({"page": name, "busy_ms": median(own), "of_goods_ms": median(beside), "ratio": ratio})
        )


if __name__ == "__main__":
    main()
