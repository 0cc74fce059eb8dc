"""The shop of one owner whose till and community are connected, and whose publication is set up."""

from typing import Any

from sqlalchemy import delete, insert

from app.connections.models import EVOTOR, ONLINE, VK, CloudAccount
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.settings import Settings
from app.publishing.settings.models import PublicationSettings
from app.publishing.settings.read import KEPT
from app.rules.read import config_of

STORE, GROUPS = "bench-store", 40
COMMUNITY, CATEGORY = 2001, 40_011
WORDS = ("листовой", "зелёный", "молочный", "с чабрецом", "высшего сорта", "в пакетиках")


def set_up(user_id: int, community_id: int, person_id: int = 0, token: dict[str, Any] | None = None) -> None:
    """Connect both clouds and choose the settings; `token` is what VK gave. Whatever was there is gone."""
    for table in (ListingGood, Listing, CachedProduct, CachedGroup, CachedStore, CloudAccount):
        db.session.execute(delete(table))
    db.session.execute(delete(PublicationSettings))
    till = CloudAccount(user_id=user_id, provider=EVOTOR, profile={}, status=ONLINE, is_online=True)
    till.secret = {"token": "bench"}
    vk = CloudAccount(
        user_id=user_id,
        provider=VK,
        external_user_id=str(person_id),
        profile={"community": {"id": community_id, "name": "Чайная"}},
        status=ONLINE,
        is_online=True,
    )
    vk.secret = token or {"access_token": "bench"}
    values = {name: getattr(Settings(), name) for name in KEPT}
    values |= {"default_category_id": CATEGORY, "photo_fallback": "card", "store_order": []}
    db.session.add_all([till, vk, PublicationSettings(user_id=user_id, configured_at=now(), **values)])
    db.session.add(CachedStore(user_id=user_id, evotor_id=STORE, name="Чайная", fetched_at=now()))
    for number in range(GROUPS):
        named = {"evotor_id": f"group-{number}", "name": f"Группа {number}", "fetched_at": now()}
        db.session.add(CachedGroup(user_id=user_id, store_evotor_id=STORE, **named))
    config = config_of(user_id)
    config.is_enabled, config.confirmed_at = True, now()
    db.session.commit()


def put_goods(user_id: int, goods: int, first: int = 0) -> None:
    """Let the till hold so many goods; those before `first` are there already."""
    if not first:
        db.session.execute(delete(CachedProduct).filter_by(user_id=user_id))
    rows = [
        {
            "user_id": user_id,
            "store_evotor_id": STORE,
            "evotor_id": f"00000000-0000-4000-8000-{number:012}",
            "group_evotor_id": f"group-{number % GROUPS}",
            "name": f"Чай {WORDS[number % len(WORDS)]} № {number}",
            "sort_name": f"чай {WORDS[number % len(WORDS)]} № {number}",
            "product_type": "NORMAL",
            "price": 100 + number % 900,
            "quantity": 5 + number % 7,
            "measure_name": "шт",
            "allow_to_sell": True,
            "code": str(number),
            "article_number": f"N-{number}",
            "barcodes": f"{2_000_000_000_000 + number}",
            "description": f"Собран вручную весной, партия {number}" if number % 3 else None,
            "fetched_at": now(),
        }
        for number in range(first, goods)
    ]
    db.session.execute(insert(CachedProduct), rows)
    db.session.commit()
