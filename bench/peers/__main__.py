"""Others beside ours on the same SQLite data: `python -m bench.peers [GOODS]` writes a table of its own.

Flask-Admin, Django's admin and Datasette are installed, at the versions of `requirements.txt`, into an
environment that is thrown away, and serve the product's own table of goods: a list of fifty, a word that many
names have, a rare one. All are asked in turn; milliseconds are of the processor in the server.
"""

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from flask_migrate import upgrade
from sqlalchemy import text

from app.data.db import db
from bench.busy import busy_seconds
from bench.filling import add_owners
from bench.over_http import reached, serving, signed_in
from bench.product import EMAIL, application

HERE = Path(__file__).resolve().parent
REPORT = HERE.parent.parent / "docs" / "benchmarks.md"
HEADING, NEXT = "### Others beside ours\n", "\n### "
GOODS, REPEATS = 100_000, 9
OURS = "Vitrina"
COMMON, RARE = quote("Самовар"), quote("№ 4321")
_LIST, _MANY, _FEW = "a page of 50", "search, a word of many names", "search, rare"


class Peer(NamedTuple):
    """Somebody who serves: its name, its processes, its socket, and what is asked of it by what it is."""

    name: str
    process: int
    path: str
    addresses: dict[str, str]
    cookie: str = ""


def main() -> None:
    """Install, fill, ask, and write down."""
    goods = int(sys.argv[1]) if len(sys.argv) > 1 else GOODS
    with tempfile.TemporaryDirectory(prefix="vitrina-peers-") as folder, ExitStack() as stack:
        directory = Path(folder)
        programs, versions = _installed(directory / "environment")
        print(", ".join(f"{name} {version}" for name, version in versions.items()), flush=True)
        peers = [_ours(stack, directory / "goods.db", goods), *_others(stack, directory, programs)]
        found = _asked_in_turn(peers)
    page = _table(goods, found, versions)
    print(page)
    _write(page)


def _installed(directory: Path) -> tuple[Path, dict[str, str]]:
    """Make an environment; give its folder of programs, and the versions in it that matter."""
    venv.create(directory, with_pip=True)
    programs = directory / "bin"
    wanted = HERE / "requirements.txt"
    pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "-r", str(wanted)], check=True)
    listed = subprocess.run([*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True)
    versions = dict(line.split("==") for line in listed.stdout.split() if "==" in line)
    names = [line.split("==")[0] for line in wanted.read_text().lower().split()]
    return programs, {name: version for name, version in versions.items() if name.lower() in names}


def _ours(stack: ExitStack, file: Path, goods: int) -> Peer:
    app = application(f"sqlite:///{file}")
    with app.app_context():
        upgrade()
        with db.engine.begin() as connection:
            add_owners(connection, 1, goods)
            connection.execute(text("UPDATE users SET email = :email"), {"email": EMAIL})
    page, cookie = signed_in(app)
    served = stack.enter_context(serving(app))
    addresses = {_LIST: page, _MANY: f"{page}&q={COMMON}", _FEW: f"{page}&q={RARE}"}
    path = served.connection.sock.getpeername()
    return Peer(OURS, served.roots[0], path, addresses, cookie)


def _others(stack: ExitStack, directory: Path, programs: Path) -> Iterator[Peer]:
    file = directory / "goods.db"
    for name, module, page, word in (
        ("Flask-Admin", "flask_admin_peer", "/admin/goods/", "search"),
        ("Django admin", "django_peer", "/admin/product/", "q"),
    ):
        path = str(directory / f"{module}.sock")
        # As ours is served: one process, eight threads.
        command = [str(programs / "gunicorn"), f"{module}:app", "--bind", f"unix:{path}"]
        command += ["--worker-class", "gthread", "--threads", "8", "--log-level", "error"]
        process = stack.enter_context(_running(command, path, DATABASE=str(file)))
        addresses = {_LIST: page, _MANY: f"{page}?{word}={COMMON}", _FEW: f"{page}?{word}={RARE}"}
        yield Peer(name, process, path, addresses)
    path = str(directory / "datasette.sock")
    command = [str(programs / "datasette"), str(file), "--uds", path, "--setting", "default_page_size", "50"]
    process = stack.enter_context(_running([*command, "--setting", "sql_time_limit_ms", "60000"], path))
    page = "/goods/cached_products"
    searches = {what: f"{page}?name__contains={words}" for what, words in ((_MANY, COMMON), (_FEW, RARE))}
    yield Peer("Datasette", process, path, {_LIST: page, **searches})


@contextmanager
def _running(command: list[str], path: str, **environment: str) -> Iterator[int]:
    """Run a server until it is needed no more; give its process."""
    surroundings = {**os.environ, **environment}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=HERE, env=surroundings, stdout=quiet, stderr=quiet) as process:
        try:
            for _ in range(600):
                if Path(path).exists() or process.poll() is not None:
                    break
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()


def _asked_in_turn(peers: list[Peer]) -> dict[str, dict[str, float]]:
    """Median milliseconds by what was asked and by whom."""
    found: dict[str, dict[str, float]] = {}
    for what in (_LIST, _MANY, _FEW):
        times: dict[str, list[float]] = {peer.name: [] for peer in peers}
        for _ in range(REPEATS + 1):
            for peer in peers:
                times[peer.name].append(_ask(peer, peer.addresses[what]))
        # The first answer of each makes things that are kept.
        found[what] = {name: statistics.median(taken[1:]) for name, taken in times.items()}
    return found


def _ask(peer: Peer, address: str) -> float:
    connection = http.client.HTTPConnection("localhost", timeout=120)
    connection.sock = reached(peer.path)
    busy = busy_seconds([peer.process])
    connection.request("GET", address, headers={"Cookie": peer.cookie} if peer.cookie else {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != http.client.OK:
        raise SystemExit(f"{peer.name}: {address}: status {answer.status}")
    return (busy_seconds([peer.process]) - busy) * 1000


def _table(goods: int, found: dict[str, dict[str, float]], versions: dict[str, str]) -> str:
    names = list(found[_LIST])
    of_all = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    page = (
        f"{HEADING}\nWritten by `python -m bench.peers {goods}`, {datetime.now(UTC).date()}: "
        f"{goods:,} goods in one SQLite file, all asked in turn;\n"
        f"milliseconds of the processor in the server, and how many times ours. {of_all}.\n\n"
    )
    page += f"| what | {' | '.join(names)} |\n" + "| --- " * (len(names) + 1) + "|\n"
    for what, times in found.items():
        ours = times[OURS]
        cells = [f"{ms:.1f} ms" + ("" if ms == ours else f", × {ms / ours:.1f}") for ms in times.values()]
        page += f"| {what} | {' | '.join(cells)} |\n"
    return page


def _write(page: str) -> None:
    """Put the table where it stood, or at the end of what is measured by hand."""
    before, heading, rest = REPORT.read_text().partition(HEADING)
    after = rest.partition(NEXT)
    REPORT.write_text(before.rstrip("\n") + "\n\n" + page + (NEXT + after[2] if heading and after[1] else ""))


if __name__ == "__main__":
    main()
