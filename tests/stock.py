"""An owner's cached catalogue, filled the way a refresh fills it, without a cloud."""

import json
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from app.clients.evotor.client import Group, Product, SentProduct, Store
from app.data.db import db
from app.data.engine import measure_table
from app.data.types import now
from app.mirror.difference import apply_store, remove_store
from app.mirror.drop_guard import DropGuard
from app.mirror.forgetting import forget_of
from app.mirror.held_groups import HeldGroups
from app.mirror.models import CachedGroup, CachedProduct, CatalogRefresh, GroupSize, NewProduct
from app.mirror.product_row import digest_page
from app.mirror.refresh.stores import MANY_GROUPS
from app.mirror.regrouping import count_regrouped
from app.mirror.staging import Row, Staging
from app.publishing.photos.models import GoodPhoto, Photo
from app.publishing.settings.models import GroupSettings, PublicationSettings
from app.publishing.settings.save import prepare_settings
from app.rules.changes.one import hold_rules, set_rule
from app.rules.decide import STORE
from app.rules.models import SyncConfig, SyncFilter
from app.rules.policy import Policy
from app.rules.read import Target, config_of
from app.rules.waiting import BY_RULES, WAIT
from app.work.runs.row import DONE
from tests.owners import Owner

RuleKey = tuple[str, str, str]
_ANYTHING_MAY_GO = DropGuard(percent=100, confirmed=0)


def product(id: str, name: str | None = None, group: str | None = None, **fields: Any) -> Product:
    """A product of which only the given fields are known."""
    nothing: dict[str, Any] = dict.fromkeys(Product._fields)
    known = {"id": id, "name": name or f"Товар {id}", "parent_id": group, "barcodes": ()}
    return Product(**nothing | known | fields)


def as_sent(product: Product) -> SentProduct:
    """The product as the cloud would send it."""
    return SentProduct(product.id, json.dumps(product._asdict(), default=str).encode())


def differing(staging: Staging, connection: Connection, page: Iterable[SentProduct]) -> list[Row]:
    """What differs in a page, as a refresh finds it out."""
    sent = list(page)
    digest = digest_page(sent)
    return [] if staging.is_known(digest) else list(chain(*staging.differing(connection, sent, digest)))


def group(id: str, name: str | None = None, parent: str | None = None) -> Group:
    """A group of products."""
    return Group(id, name or f"Группа {id}", parent)


class Stock:
    """One owner's stores, goods and rules, straight in the database."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner

    def put(
        self,
        store_id: str = "s1",
        name: str = "Чайная",
        *,
        address: str | None = None,
        groups: Iterable[Group] = (),
        products: Iterable[Product] = (),
    ) -> None:
        """Bring a store to exactly this state."""
        with self.owner.app.app_context(), db.engine.begin() as connection:
            run = connection.scalar(
                select(func.max(CatalogRefresh.id)).where(CatalogRefresh.user_id == self.owner.id)
            )
            if run is None:
                row = insert(CatalogRefresh).values(user_id=self.owner.id, status=DONE)
                run = connection.execute(row.returning(CatalogRefresh.id)).scalar_one()
            staging = Staging(connection, self.owner.id, run, store_id)
            staging.keep(connection, differing(staging, connection, map(as_sent, products)))
            held = HeldGroups(groups)
            store, moves = Store(store_id, name, address), count_regrouped(connection, staging, held)
            apply_store(connection, staging, store, held, moves, _ANYTHING_MAY_GO)
            if len(held) >= MANY_GROUPS:
                # As a refresh does: what PostgreSQL has prepared for few would read them all at each step.
                for table in (CachedGroup.__table__, GroupSize.__table__):
                    measure_table(connection, table)

    def close(self, store_id: str = "s1") -> None:
        """Let the cloud list a store no more."""
        with self.owner.app.app_context(), db.engine.begin() as connection:
            run = connection.scalar(
                select(func.max(CatalogRefresh.id)).where(CatalogRefresh.user_id == self.owner.id)
            )
            remove_store(connection, self.owner.id, run or 0, store_id, _ANYTHING_MAY_GO)

    def let_go(self) -> None:
        """Let the catalogue go, as it does when the till becomes another merchant's."""
        with self.owner.app.app_context():
            forget_of(None, user_id=self.owner.id)
            db.session.commit()

    def forget_what_stays(self) -> None:
        """Drop what a refresh would keep: groups in which goods lie, and what every good has but its name."""
        with self.owner.app.app_context(), db.engine.begin() as connection:
            connection.execute(delete(CachedGroup).where(CachedGroup.user_id == self.owner.id))
            goods = update(CachedProduct).where(CachedProduct.user_id == self.owner.id)
            said = dict.fromkeys(("product_type", "measure_name", "allow_to_sell", "quantity"))
            connection.execute(goods.values(digest="", **said))

    def rule(self, entity_type: str, entity_id: str, mode: str | None, store_id: str = "s1") -> None:
        """Let a rule lie on anything, whether or not the cache holds it; None takes it off."""
        key = entity_type, entity_id if entity_type == STORE else store_id, entity_id
        with self.owner.app.app_context():
            config = config_of(self.owner.id)
            where = {"entity_type": key[0], "store_evotor_id": key[1], "entity_id": key[2]}
            db.session.execute(delete(SyncFilter).filter_by(sync_config_id=config.id, **where))
            db.session.commit()
        if mode is not None:
            self.rules_at_once({key: mode})

    def decide(self, entity_type: str, entity_id: str, mode: str | None, store_id: str = "s1") -> None:
        """Change a rule as a click does: with its step in the history."""
        store_id = entity_id if entity_type == STORE else store_id
        with self.owner.app.app_context():
            target = Target(entity_type, entity_id, store_id, entity_id, None)
            set_rule(hold_rules(self.owner.id), target, mode)
            db.session.commit()

    def rules_at_once(self, rules: Mapping[RuleKey, str]) -> None:
        """Let many rules lie where there were none, by (entity_type, store_id, entity_id)."""
        with self.owner.app.app_context():
            config = config_of(self.owner.id)
            rows = [
                {"entity_type": kind, "store_evotor_id": store_id, "entity_id": id, "filter_mode": mode}
                | {"entity_name": id, "sync_config_id": config.id}
                for (kind, store_id, id), mode in rules.items()
            ]
            if rows:
                db.session.execute(insert(SyncFilter), rows)
            db.session.commit()

    def default(self, mode: str) -> None:
        """Set what happens to goods without a rule."""
        with self.owner.app.app_context():
            config_of(self.owner.id).default_mode = mode
            db.session.commit()

    def policy(self, policy: Policy) -> None:
        """Set the owner's conditions."""
        with self.owner.app.app_context():
            config_of(self.owner.id).policy = policy.stored
            db.session.commit()

    def news(
        self,
        goods: Mapping[tuple[str, str], bool],
        wishes: Mapping[tuple[str, str], str],
        *,
        waits: bool,
    ) -> None:
        """Let these goods, by store and id, and no others be new, and left as they are where that is true.

        `wishes` say by store and group whether new goods wait; elsewhere they do if `waits`.
        """
        with self.owner.app.app_context():
            own = {"user_id": self.owner.id}
            for table in (NewProduct, GroupSettings, PublicationSettings):
                db.session.execute(delete(table).filter_by(**own))
            keys = {
                (good.store_evotor_id, good.evotor_id): good.id
                for good in db.session.scalars(select(CachedProduct).filter_by(**own))
            }
            rows = [
                {**own, "product_id": keys[key], "left_at": now() if is_left else None}
                for key, is_left in goods.items()
            ]
            if rows:
                db.session.execute(insert(NewProduct), rows)
            for (store_id, group_id), wish in wishes.items():
                place = {"store_evotor_id": store_id, "group_evotor_id": group_id}
                db.session.add(GroupSettings(**own, **place, new_goods=wish))
            prepare_settings(self.owner.id).new_goods = WAIT if waits else BY_RULES
            db.session.commit()

    def photos(self, goods: Iterable[tuple[str, str]] = (), groups: Iterable[tuple[str, str]] = ()) -> None:
        """Let these goods and groups, by store and id, and no others have a picture."""
        with self.owner.app.app_context():
            own = {"user_id": self.owner.id}
            db.session.execute(delete(GoodPhoto).filter_by(**own))
            photo = db.session.scalar(select(Photo).filter_by(**own))
            if photo is None:
                photo = Photo(**own, digest="a" * 64, side=400, size=1)
                db.session.add(photo)
                db.session.flush()
            own["photo_id"] = photo.id
            places = [{"store_evotor_id": store_id, "evotor_id": id} for store_id, id in goods]
            places += [{"store_evotor_id": store_id, "group_evotor_id": id} for store_id, id in groups]
            db.session.add_all(GoodPhoto(**own, **place) for place in places)
            db.session.commit()

    def forget_rules(self) -> None:
        """Return to an owner who has never decided anything."""
        with self.owner.app.app_context():
            db.session.execute(SyncConfig.__table__.delete().where(SyncConfig.user_id == self.owner.id))
            db.session.commit()

    def rules(self) -> dict[RuleKey, str]:
        """Every rule of the owner: (entity_type, store_id, entity_id) to its mode."""
        with self.owner.app.app_context():
            found = db.session.scalars(
                select(SyncFilter).join(SyncConfig).where(SyncConfig.user_id == self.owner.id)
            )
            return {
                (rule.entity_type, rule.store_evotor_id, rule.entity_id): rule.filter_mode for rule in found
            }


@pytest.fixture
def stock(alice: Owner) -> Stock:
    """Alice's catalogue, empty at first."""
    return Stock(alice)
