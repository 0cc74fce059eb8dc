"""What an installation needs to work, looked at part by part: `flask doctor`."""

import os
import ssl
import time
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.config import ROOT, Settings
from app.connections.key_rotation import unreadable_secrets
from app.data.db import db
from app.work.mail import Mailer, MailNotSent
from app.work.queue import CHECKS_QUEUE_NAME, QUEUE_NAMES, queue

FINE, WARNING, BROKEN = "ok", "warning", "broken"
MANY_WAITING = 1000
CLOCKS_MAY_DIFFER = 5
CLOUD_SECONDS = 10


class Finding(NamedTuple):
    """One part's state: what was seen, and what to do about it unless it is fine."""

    part: str
    state: str
    seen: str
    advice: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at every part; a part that another one needs is left out when that one is broken."""
    yield from _settings(settings)
    database = list(_database())
    yield from database
    if not _broken(database):
        migrations = list(_migrations())
        yield from migrations
        if not _broken(migrations):
            yield _stored_secrets()
    queue_findings = list(_queue())
    yield from queue_findings
    if not _broken(queue_findings):
        yield _workers()
        yield _clock()
    yield _cloud("Evotor", settings.evotor_api_url, settings.evotor_ca_bundle, "EVOTOR_CA_BUNDLE")
    yield _cloud("VK ID", settings.vk_id_url, settings.vk_ca_bundle, "VK_CA_BUNDLE")
    yield _cloud("VK API", settings.vk_api_url, settings.vk_ca_bundle, "VK_CA_BUNDLE")
    if settings.smtp_url:
        yield _mail(settings)


def _broken(findings: list[Finding]) -> bool:
    return any(finding.state == BROKEN for finding in findings)


def _settings(settings: Settings) -> Iterator[Finding]:
    worries = {
        "PUBLIC_URL is not https://": (
            not settings.is_served_over_tls,
            "Put TLS in front and say so in PUBLIC_URL; until then passwords cross the network in clear.",
        ),
        "SMTP_URL is not set": (
            not settings.smtp_url,
            "No letters: owners learn of broken connections on the page only, and forgotten passwords "
            "need `flask reset-link`.",
        ),
        "EVOTOR_APP_SECRET is not set": (
            not settings.evotor_app_secret,
            "Evotor's deliveries are refused; owners paste their tokens by hand.",
        ),
        "VK_CLIENT_ID is not set": (not settings.vk_client_id, "VK cannot be connected."),
    }
    raised = {name: advice for name, (is_so, advice) in worries.items() if is_so}
    for name, advice in raised.items():
        yield Finding("settings", WARNING, name, advice)
    if not raised:
        yield Finding("settings", FINE, "complete")


def _database() -> Iterator[Finding]:
    try:
        began = time.time()
        here = db.session.scalar(select(func.now()))
        kind = db.engine.dialect.name
    except SQLAlchemyError as error:
        advice = "Start it, check DATABASE_URL, and run this as the product's user."
        yield Finding("database", BROKEN, f"does not answer ({_first_line(error)})", advice)
        return
    yield Finding("database", FINE, f"{kind} answers")
    if kind == "postgresql" and isinstance(here, datetime):
        yield _clocks("database", here.timestamp() - began)
    elif not os.access(db.engine.url.database or ROOT, os.W_OK):
        yield Finding("database", BROKEN, "the file cannot be written", "Give it to the product's user.")


def _first_line(error: SQLAlchemyError) -> str:
    # The driver's words: SQLAlchemy would add links to its manual.
    return next(iter(str(getattr(error, "orig", error)).splitlines()), type(error).__name__)


def _migrations() -> Iterator[Finding]:
    script = ScriptDirectory(str(ROOT / "migrations"))
    head = script.get_current_head()
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        yield Finding("migrations", FINE, f"at {head}, the newest")
    elif current and current not in {revision.revision for revision in script.walk_revisions()}:
        advice = "The database belongs to a newer version: install that one, or restore an older copy."
        yield Finding("migrations", BROKEN, f"at {current}, which is unknown here", advice)
    else:
        yield Finding(
            "migrations", BROKEN, f"at {current}, the newest is {head}", "Run `flask --app wsgi db upgrade`."
        )


def _stored_secrets() -> Finding:
    unreadable = unreadable_secrets()
    if unreadable:
        return Finding(
            "stored secrets",
            BROKEN,
            f"{unreadable} cannot be decrypted",
            "Put the key they were encrypted with back into TOKEN_KEYS, or let their owners connect anew.",
        )
    return Finding("stored secrets", FINE, "all can be decrypted")


def _queue() -> Iterator[Finding]:
    try:
        queue.connection.ping()
        seconds, microseconds = queue.connection.time()
    except RedisError as error:
        yield Finding(
            "queue", BROKEN, f"does not answer ({error})", "Start Valkey or Redis, and check REDIS_URL."
        )
        return
    yield Finding("queue", FINE, "answers")
    yield _clocks("queue", seconds + microseconds / 1_000_000 - time.time())
    advice = "Set `maxmemory-policy noeviction`: anything else throws jobs away when memory is short."
    try:
        policy = queue.connection.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except RedisError:
        # Those who rent it out often keep this to themselves.
        yield Finding("queue", WARNING, "maxmemory-policy cannot be read", advice)
        return
    if policy != "noeviction":
        yield Finding("queue", WARNING, f"maxmemory-policy is {policy}", advice)


def _clocks(part: str, difference: float) -> Finding:
    if abs(difference) <= CLOCKS_MAY_DIFFER:
        return Finding(f"time of the {part}", FINE, "the same as here")
    advice = "Let both machines take the time from a time server (NTP)."
    return Finding(f"time of the {part}", BROKEN, f"{difference:+.0f} s from here", advice)


def _workers() -> Finding:
    alive = queue.worker_count()
    waiting = sum(queue.depth(name) for name in QUEUE_NAMES)
    if not alive:
        return Finding("worker", BROKEN, f"none is alive, {waiting} jobs wait", "Start `python worker.py`.")
    if queue.depth(CHECKS_QUEUE_NAME) > MANY_WAITING:
        return Finding("worker", WARNING, f"{alive} alive, {waiting} jobs wait", "Start more workers.")
    return Finding("worker", FINE, f"{alive} alive, {waiting} jobs wait")


def _clock() -> Finding:
    if not queue.clock_is_running():
        advice = "Start `python clock.py`: nothing is checked by itself without it."
        return Finding("clock", BROKEN, "is not running", advice)
    return Finding("clock", FINE, "runs")


def _cloud(name: str, url: str, ca_bundle: str | None, setting: str) -> Finding:
    if ca_bundle:
        try:
            ssl.create_default_context(cafile=ca_bundle)
        except (OSError, ssl.SSLError):
            return Finding(
                name, BROKEN, f"{setting} is no readable PEM file", f"Correct the path in {setting}."
            )
    host = urlsplit(url).netloc
    try:
        # Any answer will do, a refusal too: nothing is asked for and no token is shown.
        answer = requests.get(
            url, timeout=CLOUD_SECONDS, verify=ca_bundle or True, allow_redirects=False, stream=True
        )
        answer.close()
    except requests.exceptions.SSLError:
        advice = f"Put the root certificate that signed {host} into a PEM file and name it in {setting}."
        return Finding(name, BROKEN, f"the certificate of {host} is not trusted", advice)
    except requests.RequestException as error:
        advice = f"Check the network, the proxy and the firewall between this machine and {host}."
        return Finding(name, BROKEN, f"{host} does not answer ({type(error).__name__})", advice)
    if answer.status_code >= 500:
        return Finding(name, WARNING, f"{host} answers {answer.status_code}", "Usually passes by itself.")
    return Finding(name, FINE, f"{host} answers")


def _mail(settings: Settings) -> Finding:
    try:
        with Mailer(settings) as mailer:
            mailer.greet()
    except MailNotSent as error:
        return Finding("mail", BROKEN, f"no letter can be sent ({error})", "Check SMTP_URL.")
    return Finding("mail", FINE, "the server lets us in")
