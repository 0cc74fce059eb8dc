"""An owner's synchronisation as other programs need it: configuration, rules, goods to publish.

Plain SQL on a bare connection: nothing here loads the web.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from app.accounts.models import User
from app.connections.models import CloudAccount
from app.mirror.models import CachedProduct, CachedStore
from app.rules.decide import INCLUDE
from app.rules.models import SyncConfig, SyncFilter
from app.rules.policy import EMPTY, Policy
from app.rules.published import published_goods, read_policy

_ROWS_A_CHUNK = 1000
_goods = CachedProduct.__table__.c


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
    policy: Policy = EMPTY


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
    return connection.scalar(select(User.id).where(func.lower(User.email) == email.lower()))


def configuration_of(connection: Connection, user_id: int) -> Configuration:
    """Read the switch, the default and the conditions."""
    columns = (SyncConfig.is_enabled, SyncConfig.confirmed_at, SyncConfig.default_mode, SyncConfig.policy)
    row = connection.execute(select(*columns).where(SyncConfig.user_id == user_id)).first()
    if row is None:
        return Configuration()
    return Configuration(row.is_enabled, row.confirmed_at, row.default_mode, Policy.of(row.policy))


def accounts_of(connection: Connection, user_id: int) -> dict[str, Account]:
    """Read the owner's connections, by provider."""
    columns = (CloudAccount.__table__.c[name] for name in Account._fields)
    rows = connection.execute(select(*columns).where(CloudAccount.user_id == user_id))
    return {row.provider: Account(*row) for row in rows}


def stores_of(connection: Connection, user_id: int) -> list[tuple[str, str]]:
    """Read the ids and names of the owner's stores, by name."""
    rows = connection.execute(
        select(CachedStore.evotor_id, CachedStore.name)
        .where(CachedStore.user_id == user_id)
        .order_by(CachedStore.sort_name, CachedStore.evotor_id)
    )
    return [(store_id, name) for store_id, name in rows]


def rules_of(connection: Connection, user_id: int) -> list[Rule]:
    """Read every rule, stores first."""
    rows = connection.execute(
        select(
            SyncFilter.entity_type,
            SyncFilter.entity_id,
            SyncFilter.entity_name,
            SyncFilter.filter_mode,
            SyncFilter.parent_entity_id,
            SyncFilter.store_evotor_id,
        )
        .join(SyncConfig, SyncConfig.id == SyncFilter.sync_config_id)
        .where(SyncConfig.user_id == user_id)
        .order_by(SyncFilter.entity_type.desc(), SyncFilter.store_evotor_id, SyncFilter.entity_id)
    )
    return [Rule(*row) for row in rows]


def goods_to_publish(connection: Connection, user_id: int) -> Iterator[Good]:
    """Yield every product that the rules publish, by store and name, as the database hands them over."""
    columns = (_goods.store_evotor_id, _goods.evotor_id, _goods.name, _goods.price, _goods.quantity)
    goods = published_goods(user_id, policy=read_policy(connection, user_id), columns=columns)
    statement = goods.where(goods.selected_columns.is_published).with_only_columns(*columns)
    result = connection.execution_options(yield_per=_ROWS_A_CHUNK).execute(statement)
    for row in result:
        yield Good(*row)
