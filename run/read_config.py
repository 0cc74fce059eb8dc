"""Print an owner's effective synchronisation for shell scripts and other programs.

    python run/read_config.py --user EMAIL [--format shell|json] [--products] [--with-secrets]

Exit codes: 0 switched on and confirmed · 3 switched off or not confirmed · 4 a needed connection is missing
or broken · 2 wrong call, unknown owner or unreachable database. A sentence on stderr says which.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

import app.publishing.photos.lacking
import app.publishing.settings.new_goods  # noqa: F401 (and which new goods are to wait)
from app.config import ConfigError, database_url
from app.rules.for_scripts import (
    Account,
    Configuration,
    accounts_of,
    configuration_of,
    find_user,
)
from run.printed_config import EVOTOR, VK, print_json, print_products, print_shell

OK, WRONG_CALL, SWITCHED_OFF, NOT_CONNECTED = 0, 2, 3, 4
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
                print_json(connection, user_id, configuration, accounts, asked.with_secrets)
            else:
                print_shell(connection, user_id, configuration, accounts, asked.with_secrets)
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
