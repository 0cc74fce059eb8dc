"""Pages that count goods beside a page that lists them: `python -m bench.counted DATABASE_URL [GOODS RULES]`.

A database without owners is filled first: one owner of GOODS goods, RULES of which have a rule of their own.
Prints one line of JSON a page: milliseconds of the processor in server and database, and the median of what
its turns give in pages of goods, as `bench.pages` measures.
"""

import json
import logging
import sys

from flask_migrate import upgrade
from sqlalchemy import select

from app.accounts.models import User
from app.data.db import db
from bench.filling import add_owners, session_key
from bench.growth import PAGES
from bench.over_http import Asked, cookie_of, serving
from bench.pages import counted, measure
from bench.product import application
from bench.rules import settle

LISTED, COUNTING = "page of goods", ("groups", "stores", "/sync")
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
    cookie = {"Cookie": cookie_of(app, key, PAGES[LISTED])}
    asked = {name: Asked(PAGES[name], cookie) for name in (LISTED, *COUNTING)}
    sizes = {name: counted(app, each) for name, each in asked.items()}
    with serving(app) as served:
        listed, *pages = measure(served, asked, sizes, REPEATS)
    for page in pages:
        told = {"page": page["name"], "busy_ms": page["busy_ms"]}
        print(json.dumps(told | {"of_goods_ms": listed["busy_ms"], "ratio": page["of_page"]}))


if __name__ == "__main__":
    main()
