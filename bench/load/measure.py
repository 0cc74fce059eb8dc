"""Start the product, and let owners in."""

import random
import secrets
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from cryptography.fernet import Fernet
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app.accounts.models import SignIn, User
from app.config import ROOT, Settings, with_psycopg
from app.data.db import db
from app.factory import create_app
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.run import run_refresh
from bench import cloud
from bench.load.account import account
from bench.load.figures import Load
from bench.load.owner import Owner
from bench.product import connect, environment_of, sign_in
from run.embedded_valkey import valkey_command
from run.processes import Processes

OWNERS, BIG_SHOP = 200, 100_000
SECONDS = 120.0
# So long after the first one the last owner comes, at most.
LAST_TO_COME = 30.0


def measure(database_url: str, owners: int = OWNERS, goods: int = BIG_SHOP, seconds: float = SECONDS) -> Load:
    """Let so many owners use the product for so long, beside one with so many goods."""
    with (
        tempfile.TemporaryDirectory(prefix="vitrina-load-") as name,
        cloud.running(goods, owners) as cloud_url,
        Processes(Path(name)) as processes,
    ):
        socket_path = Path(name) / "valkey.sock"
        processes.start("valkey", valkey_command(socket_path, Path(name), "--save", ""))
        settings = Settings(
            secret_key=secrets.token_urlsafe(32),
            token_keys=(Fernet.generate_key().decode(),),
            database_url=with_psycopg(database_url),
            redis_url=f"unix://{socket_path}",
            evotor_api_url=cloud_url,
        )
        app = create_app(settings)
        with app.app_context():
            upgrade()
            tokens = [cloud.TODAY, *map(cloud.small_token, range(owners))]
            visitors = [_move_in(app, token) for token in tokens]
            # The day after: a tenth of the prices differ.
            connect(visitors[0].user_id, cloud.LATER)
            last_prepared = db.session.scalar(select(func.max(CatalogRefresh.id))) or 0
            db.session.remove()
        alone = _let_them_in(processes, settings, visitors, seconds)
        with app.app_context():
            return account(visitors, last_prepared, alone)


def _move_in(app: Flask, token: str) -> Owner:
    """Make an owner whose catalogue was brought in yesterday."""
    user = User(email=f"{token}@example.org", password_hash="-")  # noqa: S106 (nobody signs in by it)
    db.session.add(user)
    db.session.flush()
    db.session.add(SignIn.of(user))
    user_id = user.id
    client = sign_in(app, user.get_id())
    cookie = client.get_cookie("session")
    connect(user_id, token)
    run = CatalogRefresh(user_id=user_id)
    db.session.add(run)
    db.session.commit()
    run_refresh(run.id)
    return Owner(user_id, cookie.value if cookie else "")


def _let_them_in(processes: Processes, settings: Settings, visitors: list[Owner], seconds: float) -> float:
    """Start the product, and let everybody use it until the time is over and all refreshes are done.

    Gives the median milliseconds of a page of somebody who came before the others.
    """
    environment = environment_of(settings)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    gunicorn = f"gunicorn --bind 127.0.0.1:{port} --worker-class gthread --workers 1 --threads 8 wsgi:app"
    processes.start("web", [sys.executable, "-m", *gunicorn.split()], cwd=ROOT, env=environment)
    processes.start("worker", [sys.executable, "worker.py"], cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    while not _is_ready(url):
        processes.check()
        time.sleep(0.1)
    alone = visitors[1].alone(url)
    until = time.monotonic() + seconds
    last = min(LAST_TO_COME, seconds / 2)
    pauses = [0.0, *(random.uniform(1.0, last) for _ in visitors[1:])]  # noqa: S311
    with ThreadPoolExecutor(len(visitors)) as pool:
        visits = zip(visitors, pauses, strict=True)
        list(pool.map(lambda visit: visit[0].visit(url, visit[1], until), visits))
    processes.check()
    return alone


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False
