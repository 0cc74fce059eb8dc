"""Typed settings, read once from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"

SHORTEST_SECRET = 32
FEWEST_SIGNS = 8
_HIGHEST_PORT = 65535

_WEB_ADDRESS = r"https?://[^/\s]\S*"
# Nobody could ever show a secret that a header cannot carry.
_IN_A_HEADER = (r"[!-~]+", "a row of ASCII letters, digits and signs without blanks")
# What a setting must look like, and an example of it.
_SHAPES = {
    "REDIS_URL": (r"(rediss?|unix)://\S+", "redis://host:6379/0 or unix:///path/of/a.sock"),
    "PUBLIC_URL": (_WEB_ADDRESS, "https://vitrina.example"),
    "EVOTOR_API_URL": (_WEB_ADDRESS, "https://api.evotor.ru"),
    "VK_ID_URL": (_WEB_ADDRESS, "https://id.vk.ru"),
    "VK_API_URL": (_WEB_ADDRESS, "https://api.vk.ru"),
    "EVOTOR_APP_SECRET": _IN_A_HEADER,
    "METRICS_TOKEN": _IN_A_HEADER,
    "MAIL_FROM": (r"[^\x00-\x1f\x7f]+@[^\x00-\x1f\x7f]+", "no-reply@vitrina.example"),
    "SMTP_URL": (r"smtps?://[^/\s]+/?", "smtp://user:password@host:587 or smtps://host:465"),
}


class ConfigError(Exception):
    """A setting is missing or unusable; the message is one sentence for the person who starts the product."""


@dataclass(frozen=True)
class Settings:
    """Everything the product takes from its environment (see `.env.example`)."""

    secret_key: str
    token_keys: tuple[str, ...]
    database_url: str = f"sqlite:///{INSTANCE / 'vitrina.db'}"
    redis_url: str = "redis://127.0.0.1:6379/0"
    public_url: str = "http://127.0.0.1:8000"
    evotor_api_url: str = "https://api.evotor.ru"
    evotor_ca_bundle: str | None = None
    evotor_app_secret: str | None = None
    vk_id_url: str = "https://id.vk.ru"
    vk_api_url: str = "https://api.vk.ru"
    vk_ca_bundle: str | None = None
    vk_client_id: str | None = None
    health_check_interval_seconds: int = 600
    catalog_refresh_interval_seconds: int = 0
    catalog_drop_guard_percent: int = 50
    smtp_url: str | None = None
    mail_from: str | None = None
    metrics_token: str | None = None
    media_dir: Path = INSTANCE / "media"
    vk_read_interval_seconds: int = 86_400
    vk_item_limit: int = 15_000
    vk_daily_limit: int = 7_000
    vk_album_limit: int = 100
    vk_album_item_limit: int = 1_000
    vk_calls_per_second: int = 3
    # What VK may have done without an answer is looked for so long before it is done again.
    vk_shows_within_seconds: int = 120
    # How many proxies stand in front: so many last entries of X-Forwarded-For are believed.
    trusted_proxies: int = 0

    @property
    def is_served_over_tls(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def vk_look_interval_seconds(self) -> int:
        """How often to look for communities that are due to be read anew; 0: never."""
        return min(self.vk_read_interval_seconds, 3600)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read settings from `environ`.

        Raises ConfigError, naming the variable, when a secret is missing or a value cannot be used.
        """
        given = {name: value.strip() for name, value in environ.items() if value.strip()}
        optional: dict[str, object] = {
            field: given[name]
            for field, name in (
                ("redis_url", "REDIS_URL"),
                ("public_url", "PUBLIC_URL"),
                ("evotor_api_url", "EVOTOR_API_URL"),
                ("evotor_ca_bundle", "EVOTOR_CA_BUNDLE"),
                ("evotor_app_secret", "EVOTOR_APP_SECRET"),
                ("vk_id_url", "VK_ID_URL"),
                ("vk_api_url", "VK_API_URL"),
                ("vk_ca_bundle", "VK_CA_BUNDLE"),
                ("vk_client_id", "VK_CLIENT_ID"),
                ("smtp_url", "SMTP_URL"),
                ("mail_from", "MAIL_FROM"),
                ("metrics_token", "METRICS_TOKEN"),
            )
            if name in given
        }
        for name, (shape, example) in _SHAPES.items():
            if name in given and not re.fullmatch(shape, given[name]):
                raise ConfigError(f"{name} must look like {example}.")
            if name in given and not _has_usable_port(given[name]):
                raise ConfigError(f"{name} names a port that does not exist: they go from 1 to 65535.")
        if "MEDIA_DIR" in given:
            optional["media_dir"] = Path(given["MEDIA_DIR"]).absolute()
        if "DATABASE_URL" in given:
            optional["database_url"] = _checked_database(with_psycopg(given["DATABASE_URL"]))
        for field, name, highest in (
            ("health_check_interval_seconds", "HEALTH_CHECK_INTERVAL_SECONDS", None),
            ("catalog_refresh_interval_seconds", "CATALOG_REFRESH_INTERVAL_SECONDS", None),
            ("catalog_drop_guard_percent", "CATALOG_DROP_GUARD_PERCENT", 100),
            ("trusted_proxies", "TRUSTED_PROXIES", 10),
            ("vk_read_interval_seconds", "VK_READ_INTERVAL_SECONDS", None),
            ("vk_item_limit", "VK_ITEM_LIMIT", None),
            ("vk_daily_limit", "VK_DAILY_LIMIT", None),
            ("vk_album_limit", "VK_ALBUM_LIMIT", None),
            ("vk_album_item_limit", "VK_ALBUM_ITEM_LIMIT", None),
            ("vk_calls_per_second", "VK_CALLS_PER_SECOND", None),
            ("vk_shows_within_seconds", "VK_SHOWS_WITHIN_SECONDS", None),
        ):
            if name in given:
                optional[field] = _whole_number(name, given[name], highest)
        return cls(
            secret_key=_strong(_secret(given, "SECRET_KEY")),
            token_keys=_fernet_keys(_secret(given, "TOKEN_KEYS")),
            **optional,  # type: ignore[arg-type]
        )


def database_url(environ: Mapping[str, str]) -> str:
    """Read the one setting that a script needs to look into the database; raises ConfigError."""
    url = environ.get("DATABASE_URL", "").strip()
    return _checked_database(with_psycopg(url)) if url else Settings.database_url


def token_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Read the keys that decrypt the clouds' tokens; raises ConfigError."""
    return _fernet_keys(_secret(environ, "TOKEN_KEYS"))


def with_psycopg(url: str) -> str:
    """Name the psycopg 3 driver in a `postgres://` or `postgresql://` URL; leave any other URL alone."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _checked_database(url: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        read = make_url(url)
        fits = read.get_backend_name() in ("postgresql", "sqlite")
        fits = fits and (read.port is None or 0 < read.port <= _HIGHEST_PORT)
    except (ArgumentError, ValueError):
        fits = False
    if not fits:
        raise ConfigError(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name or "
            "sqlite:////path/of/a.db; signs such as @, / and : in a password are written %40, %2F and %3A."
        )
    return url


def _secret(given: Mapping[str, str], name: str) -> str:
    if name not in given:
        raise ConfigError(f"{name} is not set: put it into the environment (see .env.example).")
    return given[name]


def _strong(secret: str) -> str:
    """Refuse what can be guessed: whoever knows it can sign in as anybody."""
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_SIGNS:
        raise ConfigError(
            f"SECRET_KEY is too easy to guess: give it {SHORTEST_SECRET} random characters or more "
            "(see .env.example)."
        )
    return secret


def _has_usable_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _fernet_keys(text: str) -> tuple[str, ...]:
    from cryptography.fernet import Fernet

    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not keys:
        raise ConfigError("TOKEN_KEYS holds no key; make one with `flask new-token-key`.")
    for position, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            raise ConfigError(
                f"TOKEN_KEYS: key {position} is not a Fernet key (32 bytes, URL-safe base64); "
                "make one with `flask new-token-key`."
            ) from None
    return keys


def _whole_number(name: str, text: str, highest: int | None) -> int:
    if not text.isdecimal() or (highest is not None and int(text) > highest):
        limit = f" from 0 to {highest}" if highest is not None else ""
        raise ConfigError(f"{name} must be a whole number{limit}, not “{text}”.")
    return int(text)
