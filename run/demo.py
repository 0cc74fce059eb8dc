"""Run the whole product on this machine, with sandbox clouds and a demo owner: `make demo`."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from run.embedded_valkey import valkey_command  # noqa: E402
from run.processes import ProcessDied, Processes, StopRequested  # noqa: E402 (needs the path above)

# What the demo keeps from one start to the next.
STATE = Path(os.environ.get("DEMO_STATE") or ROOT / "instance" / "demo")
EMAIL = "demo@vitrina.example"
PASSWORD = "vitrina-demo"  # noqa: S105 (a demo that only this machine reaches)
EVOTOR_TOKEN = "demo-evotor-token"  # noqa: S105 (known to the sandbox alone)
VK_CLIENT_ID = "51234567"  # The app that the sandbox knows.
START_SECONDS = 60


def main() -> None:
    """Start everything, say where it is, and stop everything on the first signal."""
    port = _chosen_port()
    STATE.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with _only_one_demo(), _directory_for_socket() as socket_directory, Processes(STATE) as processes:
            _run(processes, port, socket_directory / "valkey.sock")
    except StopRequested:
        _say("\nОстановлено.")
    except ProcessDied as death:
        sys.exit(f"Демо остановлено, потому что один из процессов завершился.\n{death}\nЖурналы: {STATE}")


def _run(processes: Processes, port: int, valkey_socket: Path) -> None:
    sandbox_url = f"http://127.0.0.1:{_free_port()}"
    environment = _environment(port, valkey_socket, sandbox_url)
    python = [sys.executable, "-m"]

    def start(name: str, *command: str) -> None:
        processes.start(name, list(command), cwd=ROOT, env=environment)

    _say("Запускаю Витрину…")
    _flask(processes, environment, "db", "upgrade")
    start("valkey", *_valkey_command(valkey_socket))
    vk = ("--vk-file", str(STATE / "vk.pickle"))
    start("sandbox", *python, "sandbox", "--port", sandbox_url.rpartition(":")[2], *vk)
    _wait_for(processes, f"{sandbox_url}/__sandbox__/")
    _flask(
        processes,
        environment,
        *("create-demo-owner", "--email", EMAIL, "--password", PASSWORD, "--evotor-token", EVOTOR_TOKEN),
    )
    # One process: the demo's limits are counted in memory, and SQLite has one writer anyway.
    gunicorn = ("gunicorn", "--workers", "1", "--worker-class", "gthread", "--threads", "8")
    start("web", *python, *gunicorn, "--bind", f"127.0.0.1:{port}", "wsgi:app")
    start("worker", sys.executable, "worker.py")
    start("clock", sys.executable, "clock.py")
    _wait_for(processes, f"http://127.0.0.1:{port}/readyz")
    _say(_welcome(f"http://127.0.0.1:{port}", f"{sandbox_url}/__sandbox__/"))
    processes.wait()


def _environment(port: int, valkey_socket: Path, sandbox_url: str) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **passed_on,
        **_kept_secrets(),
        "DATABASE_URL": f"sqlite:///{STATE / 'vitrina.db'}",
        "REDIS_URL": f"unix://{quote(str(valkey_socket))}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "EVOTOR_API_URL": f"{sandbox_url}/evotor",
        "VK_ID_URL": f"{sandbox_url}/vk-id",
        "VK_API_URL": f"{sandbox_url}/vk-api",
        "VK_CLIENT_ID": VK_CLIENT_ID,
        "HEALTH_CHECK_INTERVAL_SECONDS": "60",
        "PYTHONUNBUFFERED": "1",
    }


def _kept_secrets() -> dict[str, str]:
    """Read the demo's secrets, made at the first start: without them the kept database cannot be read."""
    path = STATE / "secrets.json"
    if not path.exists():
        made = {"SECRET_KEY": secrets.token_urlsafe(48), "TOKEN_KEYS": Fernet.generate_key().decode()}
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump(made, file)
    return json.loads(path.read_text())


def _valkey_command(valkey_socket: Path) -> list[str]:
    data = STATE / "valkey"
    data.mkdir(exist_ok=True)
    return valkey_command(valkey_socket, data, "--save", "60 1")


def _flask(processes: Processes, environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    processes.check()
    if done.returncode:
        raise ProcessDied(
            f"flask {' '.join(arguments[:2])} ended with code {done.returncode}:\n{done.stdout}"
        )


def _wait_for(processes: Processes, url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        processes.check()
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (a loopback address)
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise ProcessDied(f"{url} did not answer within {START_SECONDS} s")


def _chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        sys.exit(f"PORT должен быть числом от 1 до 65535, а не «{text}».")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            sys.exit(f"Порт {text} занять нельзя ({error.strerror}). Выберите другой: PORT=8080 make demo")
    return int(text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def _only_one_demo() -> Iterator[None]:
    """Keep a second demo off the same database and queue."""
    with open(STATE / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("Демо из этой папки уже запущено. Остановите его (Ctrl-C) и повторите.")
        yield


@contextlib.contextmanager
def _directory_for_socket() -> Iterator[Path]:
    # The path of a Unix socket has some hundred letters at most; a project folder's may have more.
    directory = tempfile.mkdtemp(prefix="vitrina-")
    try:
        yield Path(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _welcome(url: str, sandbox_url: str) -> str:
    lines = (
        "Витрина работает",
        "",
        f"Откройте     {url}",
        f"Почта        {EMAIL}",
        f"Пароль       {PASSWORD}",
        "",
        "Эвотор и ВКонтакте здесь учебные. Менять цены и устраивать сбои:",
        f"             {sandbox_url}",
        "",
        "Ctrl-C — остановить",
    )
    width = max(map(len, lines))
    body = "\n".join(f"│  {line:<{width}}  │" for line in lines)
    return f"\n╭{'─' * (width + 4)}╮\n{body}\n╰{'─' * (width + 4)}╯\n"


def _say(text: str) -> None:
    # A closed terminal must not keep the rest from being stopped.
    with contextlib.suppress(OSError):
        print(text, flush=True)


if __name__ == "__main__":
    main()
