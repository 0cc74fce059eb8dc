"""Settings are read once, typed, and refused in one sentence when they will not do."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from app.config import ROOT, ConfigError, Settings

KEY = Fernet.generate_key().decode()
NEEDED = {"SECRET_KEY": "a secret that nobody guesses: 9d2f", "TOKEN_KEYS": KEY}


def test_two_secrets_are_enough() -> None:
    settings = Settings.from_env(NEEDED)
    assert settings.database_url.startswith("sqlite:///") and "/instance/" in settings.database_url
    assert settings.evotor_api_url == "https://api.evotor.ru"
    assert settings.health_check_interval_seconds == 600
    assert settings.catalog_refresh_interval_seconds == 0
    assert settings.catalog_drop_guard_percent == 50
    assert not settings.is_served_over_tls


@pytest.mark.parametrize("missing", ["SECRET_KEY", "TOKEN_KEYS"])
@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_missing_secret_is_named(missing: str, value: str | None) -> None:
    environ = {key: text for key, text in NEEDED.items() if key != missing}
    with pytest.raises(ConfigError, match=f"^{missing} is not set: .*[.]$"):
        Settings.from_env(environ if value is None else {**environ, missing: value})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"TOKEN_KEYS": "not a key"}, "TOKEN_KEYS: key 1 is not a Fernet key"),
        ({"TOKEN_KEYS": f"{KEY},short"}, "TOKEN_KEYS: key 2 is not a Fernet key"),
        ({"TOKEN_KEYS": " , "}, "TOKEN_KEYS holds no key"),
        (
            {"CATALOG_DROP_GUARD_PERCENT": "101"},
            "CATALOG_DROP_GUARD_PERCENT must be a whole number from 0 to",
        ),
        ({"CATALOG_DROP_GUARD_PERCENT": "half"}, "CATALOG_DROP_GUARD_PERCENT must be a whole number"),
        ({"DATABASE_URL": "vitrina"}, "DATABASE_URL must look like postgresql://"),
        ({"DATABASE_URL": f"postgresql://u:{KEY}@h:port/v"}, "DATABASE_URL must look like postgresql://"),
        ({"DATABASE_URL": f"mysql://u:{KEY}@h/v"}, "DATABASE_URL must look like postgresql://"),
        ({"REDIS_URL": "127.0.0.1:6379"}, "REDIS_URL must look like redis://"),
        ({"PUBLIC_URL": "vitrina.example"}, "PUBLIC_URL must look like https://"),
        ({"EVOTOR_API_URL": "api.evotor.ru"}, "EVOTOR_API_URL must look like https://"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too easy to guess"),
        ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY is too easy to guess"),
        ({"REDIS_URL": "redis://h:99999/0"}, "REDIS_URL names a port that does not exist"),
        ({"PUBLIC_URL": "https://h:0"}, "PUBLIC_URL names a port that does not exist"),
        ({"SMTP_URL": "smtp://u:p@h:70000"}, "SMTP_URL names a port that does not exist"),
        ({"DATABASE_URL": "postgresql://u@h:70000/v"}, "DATABASE_URL must look like postgresql://"),
        ({"EVOTOR_APP_SECRET": f"{KEY}\nX: y"}, "EVOTOR_APP_SECRET must look like a row of ASCII letters"),
        ({"METRICS_TOKEN": f"ключ {KEY}"}, "METRICS_TOKEN must look like a row of ASCII letters"),
        ({"MAIL_FROM": "Shop <a@b.example>\nBcc: c@d.example"}, "MAIL_FROM must look like"),
        ({"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES must be a whole number from 0 to 10"),
        ({"HEALTH_CHECK_INTERVAL_SECONDS": "-1"}, "HEALTH_CHECK_INTERVAL_SECONDS must be a whole number"),
        ({"HEALTH_CHECK_INTERVAL_SECONDS": "²"}, "HEALTH_CHECK_INTERVAL_SECONDS must be a whole number"),
        ({"CATALOG_REFRESH_INTERVAL_SECONDS": "1.5"}, "CATALOG_REFRESH_INTERVAL_SECONDS must be a whole"),
    ],
)
def test_an_unusable_value_is_named_and_no_secret_is_quoted(changes: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as refused:
        Settings.from_env({**NEEDED, **changes})
    assert KEY not in str(refused.value) and "\n" not in str(refused.value)


def test_several_token_keys_keep_their_order() -> None:
    other = Fernet.generate_key().decode()
    assert Settings.from_env({**NEEDED, "TOKEN_KEYS": f" {KEY} , {other},"}).token_keys == (KEY, other)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h:5432/v", "postgresql+psycopg://u:p@h:5432/v"),
        ("postgresql://u@h/v?sslmode=require", "postgresql+psycopg://u@h/v?sslmode=require"),
        (
            "postgresql:///v?host=/var/run/postgresql",
            "postgresql+psycopg:///v?host=/var/run/postgresql",
        ),
        ("postgresql+psycopg://u@h/v", "postgresql+psycopg://u@h/v"),
        ("sqlite:////srv/v.db", "sqlite:////srv/v.db"),
    ],
)
def test_both_spellings_of_a_postgresql_address_work(given: str, used: str) -> None:
    assert Settings.from_env({**NEEDED, "DATABASE_URL": given}).database_url == used


def test_the_example_file_names_every_setting() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    fields = {field.upper() for field in Settings.__dataclass_fields__}
    assert example.keys() == fields
    filled = Settings.from_env({**example, **NEEDED})
    assert filled == Settings.from_env(NEEDED)


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(["-c", "import wsgi"], id="wsgi"),
        pytest.param(["worker.py", "--burst"], id="worker"),
        pytest.param(["clock.py"], id="clock"),
    ],
)
def test_a_process_without_a_secret_ends_with_one_sentence(start: list[str]) -> None:
    missing = "SECRET_KEY"
    environ = {key: text for key, text in {**os.environ, **NEEDED}.items() if key != missing}
    ended = subprocess.run(
        [sys.executable, *start],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    expected = f"Vitrina cannot start: {missing} is not set: put it into the environment (see .env.example)."
    assert ended.stderr.strip() == expected
    assert ended.stdout == ""
