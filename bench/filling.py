"""Catalogues made by the database itself, quickly: any number of owners, each with as many goods."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Integer, cast, delete, func, insert, select, text

from app.accounts.models import SignIn, User
from app.data.db import db
from app.data.engine import measure_table
from app.data.types import now
from app.mirror.folding import fold
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, GroupSize
from app.mirror.name_blocks import FEWEST, keep_names
from app.rules.models import SyncConfig, SyncFilter
from sandbox.generator import BRANDS, KINDS, PACKS

STORE = "store"
GOODS_IN_GROUP = 200
# So many goods have one with a rule of its own: 50 000 rules among a million.
GOODS_A_RULE = 20
_GROUPS = 20

# One good of each owner for each number; the lengths of the lists of words have no common divisor.
_GOODS = """
INSERT INTO cached_products (user_id, store_evotor_id, evotor_id, group_evotor_id, name, sort_name, price,
    quantity, measure_name, article_number, allow_to_sell, code, barcodes, search_text, digest, fetched_at)
WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {end})
SELECT users.id, '{store}', 'good-' || n, 'g' || (n / {in_group}), {name} || ' № ' || n,
    {sort_name} || ' № ' || n, 10 + n * 7 % 900 + 0.5, n % 29, 'шт', CAST(100000 + n AS text), n % 9 > 0,
    CAST(n AS text), '2' || (100000000000 + n),
    '\n' || (100000 + n) || '\n' || n || '\n2' || (100000000000 + n) || '\n',
    '0123456789abcdef0123456789abcdef', :now
FROM users CROSS JOIN numbers WHERE users.id BETWEEN :first_user AND :last_user
ORDER BY users.id, n
"""


def add_owners(
    connection: Connection, owners: int, goods: int, *, goods_a_rule: int = GOODS_A_RULE
) -> list[int]:
    """Make so many owners with a store of so many goods each; give their ids. Commits nothing."""
    first = (connection.scalar(select(User.id).order_by(User.id.desc()).limit(1)) or 0) + 1
    users = list(range(first, first + owners))
    _insert(connection, User, [
        {"id": key, "email": f"{key}@example.org", "password_hash": "-"} for key in users
    ])  # fmt: skip
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence('users', 'id'), :key)"), {"key": users[-1]}
        )
    _insert(connection, CachedStore, [
        {"user_id": key, "evotor_id": STORE, "name": "Магазин", "fetched_at": now()} for key in users
    ])  # fmt: skip
    _insert(connection, SyncConfig, [{"user_id": key} for key in users])
    add_goods(connection, users, 0, goods, goods_a_rule=goods_a_rule)
    return users


def add_goods(
    connection: Connection,
    users: Sequence[int],
    first: int,
    end: int,
    *,
    goods_a_rule: int = GOODS_A_RULE,
) -> None:
    """Give each of these owners the goods with the numbers from `first` up to `end`, and rules on some."""
    span = {"first_user": users[0], "last_user": users[-1]}
    here = {"store_evotor_id": STORE, "fetched_at": now()}
    groups = range(-(-first // GOODS_IN_GROUP), -(-end // GOODS_IN_GROUP))
    _insert(connection, CachedGroup, [
        here
        | {"user_id": key, "evotor_id": f"g{group}"}
        | {"name": f"Группа {group}", "sort_name": f"группа {group}"}
        | {"parent_evotor_id": f"g{group - group % _GROUPS}" if group % _GROUPS else None}
        for key in users for group in groups
    ])  # fmt: skip
    statement = _GOODS.format(
        first=first, end=end, store=STORE, in_group=GOODS_IN_GROUP, name=_words(KINDS, BRANDS, PACKS),
        sort_name=_words(*([fold(word) for word in words] for words in (KINDS, BRANDS, PACKS))),
    )  # fmt: skip
    connection.execute(text(statement), span | {"now": now().replace(tzinfo=None)})
    product, its_owner = CachedProduct, CachedProduct.user_id.between(users[0], users[-1])
    number = cast(product.code, Integer)
    add_rules(connection, its_owner, number % goods_a_rule == 0, number >= first)
    connection.execute(delete(GroupSize).where(GroupSize.user_id.between(users[0], users[-1])))
    group = (product.user_id, product.store_evotor_id, product.group_evotor_id)
    sizes = select(*group, func.count()).where(its_owner).group_by(*group)
    connection.execute(
        insert(GroupSize).from_select(["user_id", "store_evotor_id", "group_evotor_id", "products"], sizes)
    )
    for key in users if end >= FEWEST else ():
        keep_names(connection, key, end, STORE, [], end)
    for table in (CachedProduct, CachedGroup, SyncFilter):
        measure_table(connection, table.__table__)


def add_rules(connection: Connection, *goods: ColumnElement[bool]) -> None:
    """Put a rule of its own on each of these goods, none of which has one. Commits nothing."""
    product = CachedProduct
    ruled = (
        select(SyncConfig.id, text("'product'"), product.evotor_id, product.name, text("'exclude'"))
        .add_columns(product.group_evotor_id, product.store_evotor_id, product.fetched_at)
        .join(SyncConfig, SyncConfig.user_id == product.user_id)
        .where(*goods)
    )
    columns: tuple[str, ...] = ("sync_config_id", "entity_type", "entity_id", "entity_name", "filter_mode")
    columns += ("parent_entity_id", "store_evotor_id", "created_at")
    connection.execute(insert(SyncFilter).from_select(columns, ruled))


def session_key(user_id: int) -> str:
    """Sign an owner in; give the key of their session. Commits."""
    user = db.session.get_one(User, user_id)
    db.session.add(SignIn.of(user))
    db.session.commit()
    return str(user.get_id())


def _words(*lists: Sequence[str]) -> str:
    """An expression of SQL that makes a name of one word of each list, by the number `n`."""
    return " || ' ' || ".join(
        "CASE n % {} {} END".format(
            len(words), " ".join(f"WHEN {place} THEN '{word}'" for place, word in enumerate(words))
        )
        for words in lists
    )


def _insert(connection: Connection, model: type, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(model), rows)
