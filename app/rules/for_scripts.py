"""An owner's synchronisation as other programs need it: configuration, rules, goods to publish.

Plain SQL on a bare connection: nothing here loads the web.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, select

from app.rules import as_sql
from app.rules.decide import INCLUDE, PRODUCT, STORE
from app.rules.tables import configs, connections, filters, products, stores, users

_ROWS_A_CHUNK = 1000


class Account(NamedTuple):
    """One cloud: `credentials` are encrypted; `profile` holds what is shown of the account."""

    provider: str
    is_online: bool
    status: str
    credentials: str
    profile: dict[str, Any]


class Configuration(NamedTuple):
    """What the owner decided about the synchronisation; an owner without a row has decided nothing."""

    is_enabled: bool = False
    confirmed_at: Any = None
    default_mode: str = INCLUDE


class Rule(NamedTuple):
    """One rule, as `sync_filters` holds it."""

    entity_type: str
    entity_id: str
    entity_name: str
    filter_mode: str
    parent_entity_id: str | None
    store_id: str


class Good(NamedTuple):
    """A product to publish."""

    store_id: str
    product_id: str
    name: str
    price: Decimal | None
    quantity: Decimal | None


def find_user(connection: Connection, email: str) -> int | None:
    """Find an owner by e-mail, in any letter case."""
    return connection.scalar(select(users.c.id).where(func.lower(users.c.email) == email.lower()))


def configuration_of(connection: Connection, user_id: int) -> Configuration:
    """Read the switch and the default."""
    row = connection.execute(
        select(configs.c.is_enabled, configs.c.confirmed_at, configs.c.default_mode).where(
            configs.c.user_id == user_id
        )
    ).first()
    return Configuration(*row) if row else Configuration()


def accounts_of(connection: Connection, user_id: int) -> dict[str, Account]:
    """Read the owner's connections, by provider."""
    columns = (connections.c[name] for name in Account._fields)
    rows = connection.execute(select(*columns).where(connections.c.user_id == user_id))
    return {row.provider: Account(*row) for row in rows}


def stores_of(connection: Connection, user_id: int) -> list[tuple[str, str]]:
    """Read the ids and names of the owner's stores, by name."""
    rows = connection.execute(
        select(stores.c.evotor_id, stores.c.name)
        .where(stores.c.user_id == user_id)
        .order_by(stores.c.name, stores.c.evotor_id)
    )
    return [(store_id, name) for store_id, name in rows]


def rules_of(connection: Connection, user_id: int) -> list[Rule]:
    """Read every rule, stores first."""
    rows = connection.execute(
        select(
            filters.c.entity_type,
            filters.c.entity_id,
            filters.c.entity_name,
            filters.c.filter_mode,
            filters.c.parent_entity_id,
            filters.c.store_evotor_id,
        )
        .join(configs, configs.c.id == filters.c.sync_config_id)
        .where(configs.c.user_id == user_id)
        .order_by(filters.c.entity_type.desc(), filters.c.store_evotor_id, filters.c.entity_id)
    )
    return [Rule(*row) for row in rows]


def goods_to_publish(connection: Connection, user_id: int) -> Iterator[Good]:
    """Yield every product that the rules publish, by store and name, as the database hands them over."""
    own = as_sql.rules_on(user_id, PRODUCT).subquery("own_rules")
    shop = as_sql.rules_on(user_id, STORE).subquery("store_rules")
    modes = as_sql.group_modes(user_id)
    mode = func.coalesce(own.c.filter_mode, modes.c.mode, shop.c.filter_mode, as_sql.default_mode(user_id))
    store_id = products.c.store_evotor_id
    statement = (
        select(store_id, products.c.evotor_id, products.c.name, products.c.price, products.c.quantity)
        .outerjoin(own, and_(own.c.store_evotor_id == store_id, own.c.entity_id == products.c.evotor_id))
        .outerjoin(modes, and_(modes.c.store_id == store_id, modes.c.group_id == products.c.group_evotor_id))
        .outerjoin(shop, shop.c.entity_id == store_id)
        .where(products.c.user_id == user_id, mode == INCLUDE)
        .order_by(store_id, products.c.name, products.c.evotor_id)
    )
    result = connection.execution_options(yield_per=_ROWS_A_CHUNK).execute(statement)
    for row in result:
        yield Good(*row)
