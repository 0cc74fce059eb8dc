"""An owner's synchronisation as scripts read it: lines of a shell, JSON, a line for each good."""

import json
import os
import sys
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from app.config import token_keys
from app.publishing.settings.lost_categories import select_lost
from app.rules.for_scripts import Account, Configuration, goods_to_publish, rules_of, stores_of

EVOTOR, VK = "evotor", "vk"
PROVIDERS = (EVOTOR, VK)


def shell_line(name: str, value: str) -> str:
    """One assignment that a POSIX shell reads back as exactly `value`.

    Within single quotes only the quote itself means anything; a NUL no shell variable can hold.
    """
    quoted = value.replace("\0", "").replace("'", "'\\''")
    return f"{name}='{quoted}'"


def print_shell(
    connection: Connection,
    user_id: int,
    configuration: Configuration,
    accounts: Mapping[str, Account],
    with_secrets: bool,
) -> None:
    stores = stores_of(connection, user_id)
    community = _community(accounts)
    values = {
        "SYNC_ENABLED": "1" if configuration.is_enabled else "0",
        "SYNC_CONFIRMED_AT": _moment(configuration.confirmed_at),
        "DEFAULT_MODE": configuration.default_mode,
        "STORE_IDS": " ".join(store_id for store_id, _ in stores),
        "STORE_NAMES": "\n".join(" ".join(name.split()) for _, name in stores),
        "RULE_COUNT": str(len(rules_of(connection, user_id))),
        "CONDITION_COUNT": str(len(configuration.policy.criteria)),
        "EVOTOR_ONLINE": _is_online(accounts, EVOTOR),
        "VK_ONLINE": _is_online(accounts, VK),
        "VK_OWNER_ID": _vk_owner_id(community),
        "VK_COMMUNITY_NAME": str(community.get("name", "")),
        "VK_LOST_CATEGORIES": " ".join(map(str, _lost_categories(connection, user_id, community))),
    }
    if with_secrets:
        values |= {f"{provider.upper()}_TOKEN": token for provider, token in _tokens(accounts).items()}
    for name, value in values.items():
        print(shell_line(name, value))


def print_json(
    connection: Connection,
    user_id: int,
    configuration: Configuration,
    accounts: Mapping[str, Account],
    with_secrets: bool,
) -> None:
    community = _community(accounts)
    document: dict[str, Any] = {
        "is_enabled": configuration.is_enabled,
        "confirmed_at": _moment(configuration.confirmed_at) or None,
        "default_mode": configuration.default_mode,
        "stores": [{"id": store_id, "name": name} for store_id, name in stores_of(connection, user_id)],
        "connections": {
            provider: {"is_online": account.is_online, "status": account.status}
            for provider, account in accounts.items()
        },
        "vk_owner_id": _vk_owner_id(community) or None,
        "vk_community_name": community.get("name"),
        "vk_lost_categories": _lost_categories(connection, user_id, community),
        "rules": [rule._asdict() for rule in rules_of(connection, user_id)],
        "conditions": configuration.policy.stored["criteria"],
    }
    if with_secrets:
        document["tokens"] = _tokens(accounts)
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    print()


def print_products(connection: Connection, user_id: int) -> None:
    """Print one tab-separated line per good to publish: store id, product id, name, price, quantity."""
    for good in goods_to_publish(connection, user_id):
        cells = (good.store_id, good.product_id, good.name, _number(good.price), _number(good.quantity))
        print("\t".join(map(_one_line, cells)))


def _one_line(cell: str) -> str:
    """Take out what would be taken for the next cell or line, and what would steer a terminal."""
    visible = "".join(sign for sign in cell if sign.isspace() or unicodedata.category(sign) != "Cc")
    return " ".join(visible.split())


def _tokens(accounts: Mapping[str, Account]) -> dict[str, str]:
    """Decrypt each connection's token; one that cannot be read is empty."""
    from app.data.crypto import UnknownKey, decrypt

    keys = token_keys(os.environ)
    tokens = {}
    for provider in PROVIDERS:
        tokens[provider] = ""
        if provider in accounts:
            try:
                secret = decrypt(accounts[provider].credentials, keys)
            except UnknownKey:
                print(f"read_config: the token of {provider} cannot be decrypted", file=sys.stderr)
            else:
                tokens[provider] = str(secret.get("token") or secret.get("access_token") or "")
    return tokens


def _community(accounts: Mapping[str, Account]) -> dict[str, Any]:
    profile = accounts[VK].profile if VK in accounts else {}
    community = profile.get("community") if isinstance(profile, dict) else None
    return community if isinstance(community, dict) else {}


def _vk_owner_id(community: Mapping[str, Any]) -> str:
    """VK names a community by its number with a minus."""
    number = str(community.get("id", "")).lstrip("-")
    return f"-{number}" if number.isdecimal() else ""


def _lost_categories(connection: Connection, user_id: int, community: Mapping[str, Any]) -> list[int]:
    """The chosen categories that VK knows no more: goods in them are not added until others are chosen."""
    number = str(community.get("id", "")).lstrip("-")
    if not number.isdecimal():
        return []
    return sorted(connection.scalars(select_lost(user_id, int(number))))


def _is_online(accounts: Mapping[str, Account], provider: str) -> str:
    return "1" if provider in accounts and accounts[provider].is_online else "0"


def _moment(value: datetime | None) -> str:
    if value is None:
        return ""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds")


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"
