"""What every test gets: fixtures, an environment without settings, and no network but this machine's."""

import contextlib
import gc
import importlib
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal import entropy
from hypothesis.internal.conjecture import providers

# Nothing that is loaded or collected goes before the end.
gc.disable()
pytest_plugins = [
    *("tests.servers", "tests.postbox", "tests.databases", "tests.product", "tests.jobs"),
    *("tests.processes", "tests.owners", "tests.stock", "tests.browsing"),
]

_SETTINGS = {
    *("SECRET_KEY", "TOKEN_KEYS", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "SMTP_URL", "MAIL_FROM"),
    *("METRICS_TOKEN", "TRUSTED_PROXIES", "PROMETHEUS_MULTIPROC_DIR"),
    *("EVOTOR_API_URL", "EVOTOR_CA_BUNDLE", "EVOTOR_APP_SECRET"),
    *("VK_ID_URL", "VK_API_URL", "VK_CA_BUNDLE", "VK_CLIENT_ID"),
    *("HEALTH_CHECK_INTERVAL_SECONDS", "CATALOG_REFRESH_INTERVAL_SECONDS", "CATALOG_DROP_GUARD_PERCENT"),
}


# FUZZ_EXAMPLES inputs for each fuzz, new ones every time; without it few, and the same ones.
_FUZZ = os.environ.get("FUZZ_EXAMPLES")
_fixed = settings(
    deadline=None,
    database=None,
    derandomize=_FUZZ is None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("suite", _fixed)
settings.register_profile(
    "fuzz", _fixed, max_examples=int(_FUZZ or 60), suppress_health_check=list(HealthCheck)
)
settings.load_profile("suite")
# It takes numbers and words of all modules that happen to be loaded among its inputs: which they are would
# hang on the tests that ran before in the same process, and to read them takes each process seconds.
providers._get_local_constants = providers.Constants
# Its first draw asks who else holds its source of chance, of all objects there are: here these are few.
with entropy.deterministic_PRNG():
    pass


class OutsideNetwork(Exception):
    """A test reached for another machine."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "first: begun before the others, since it takes or waits many seconds")
    for name in _SETTINGS & set(os.environ):
        del os.environ[name]
    # What the processes of tests load is compiled once, not by each of them.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # A proxy for the outer world would stand between the tests and their own servers.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let each process of a whole run compile its share of the tests: all in each took twice as long."""
    config = session.config
    worker = getattr(config, "workerinput", None)
    if worker is None or config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    folder = Path(__file__).parent
    files = sorted(folder.rglob("test_*.py"), key=lambda path: (path.stat().st_size, path))
    for path in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        # What cannot be imported is told of when it is collected.
        with contextlib.suppress(Exception):
            importlib.import_module(".".join(path.relative_to(folder.parent).with_suffix("").parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: when all else is done, the other processes would wait for it."""
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over the thousands of tests, and come less often: it took a tenth.

    What has outlived it once it hardly looks at again: what tests leave lying is mostly young.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 100, 1000)
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Spare the processes of a whole run pytest's last two collections: nobody is told what they find."""
    if hasattr(config, "workerinput"):
        gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Refuse connections to any other machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            host = str(address[0])
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise OutsideNetwork(host)
        connect(self, address)  # type: ignore[arg-type]

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()
