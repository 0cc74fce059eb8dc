"""Print an owner's effective synchronisation for shell scripts and other programs.

    python run/read_config.py --user EMAIL [--format shell|json] [--products] [--with-secrets]

Exit codes: 0 switched on and confirmed · 3 switched off or not confirmed · 4 a needed connection is missing
or broken · 2 wrong call, unknown owner or unreachable database. A sentence on stderr says which.
"""

import argparse
import json
import os
import sys
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

import app.publishing.photos.lacking
import app.publishing.settings.new_goods  # noqa: F401 (and which new goods are to wait)
from app.config import ConfigError, database_url, token_keys
from app.publishing.settings.lost_categories import select_lost
from app.rules.for_scripts import (
    Account,
    Configuration,
    accounts_of,
    configuration_of,
    find_user,
    goods_to_publish,
    rules_of,
    stores_of,
)

OK, WRONG_CALL, SWITCHED_OFF, NOT_CONNECTED = 0, 2, 3, 4
EVOTOR, VK = "evotor", "vk"
_TITLES = {EVOTOR: "Evotor", VK: "VK"}


class Outcome(NamedTuple):
    """The exit code, and the sentence that explains any but 0."""

    code: int
    sentence: str = ""


def main() -> int:
    """Print what was asked for; give the exit code."""
    asked = _arguments()
    engine = create_engine(_readable_url(), poolclass=NullPool, hide_parameters=True)
    try:
        with engine.connect() as connection:
            user_id = find_user(connection, asked.user)
            if user_id is None:
                _stop(f"no owner with the e-mail {asked.user!r}")
            configuration = configuration_of(connection, user_id)
            accounts = accounts_of(connection, user_id)
            if asked.products:
                print_products(connection, user_id)
            elif asked.format == "json":
                _print_json(connection, user_id, configuration, accounts, asked.with_secrets)
            else:
                _print_shell(connection, user_id, configuration, accounts, asked.with_secrets)
    except SQLAlchemyError as error:
        _stop(f"the database cannot be read: {getattr(error, 'orig', None) or type(error).__name__}")
    outcome = judge(configuration, accounts)
    if outcome.sentence:
        print(f"read_config: {outcome.sentence}", file=sys.stderr)
    return outcome.code


def judge(configuration: Configuration, accounts: Mapping[str, Account]) -> Outcome:
    """Tell whether goods may be published now."""
    if not configuration.is_enabled:
        return Outcome(SWITCHED_OFF, "synchronisation is switched off")
    if configuration.confirmed_at is None:
        return Outcome(SWITCHED_OFF, "synchronisation has never been confirmed")
    for provider, title in _TITLES.items():
        account = accounts.get(provider)
        if account is None:
            return Outcome(NOT_CONNECTED, f"{title} is not connected")
        if not account.is_online:
            return Outcome(NOT_CONNECTED, f"the connection to {title} does not work ({account.status})")
    return Outcome(OK)


def shell_line(name: str, value: str) -> str:
    """One assignment that a POSIX shell reads back as exactly `value`.

    Within single quotes only the quote itself means anything; a NUL no shell variable can hold.
    """
    quoted = value.replace("\0", "").replace("'", "'\\''")
    return f"{name}='{quoted}'"


def _print_shell(
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


def _print_json(
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
    for provider in _TITLES:
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


def _readable_url() -> str:
    """The database's address; a missing SQLite file must not be created by looking for it."""
    url = database_url(os.environ)
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).is_file():
        _stop(f"there is no database at {path}")
    return url


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="read_config", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--user", required=True, metavar="EMAIL", help="the owner")
    parser.add_argument("--format", choices=("shell", "json"), default="shell")
    parser.add_argument(
        "--products", action="store_true", help="one tab-separated line per good to publish instead"
    )
    parser.add_argument("--with-secrets", action="store_true", help="print the clouds' tokens too")
    return parser.parse_args()


def _stop(sentence: str) -> NoReturn:
    print(f"read_config: {sentence}", file=sys.stderr)
    sys.exit(WRONG_CALL)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # Names are in Russian whatever the locale of the shell.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        sys.exit(main())
    except ConfigError as error:
        _stop(str(error))
    except BrokenPipeError:
        # The reader has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
