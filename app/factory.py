"""The application, put together of its features."""

import os

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import delete
from werkzeug.middleware.proxy_fix import ProxyFix

# Imported for what they add by it: routes, tables, and what the rules have to know.
import app.catalog.export.routes
import app.catalog.product.routes
import app.publishing.ledger.models
import app.publishing.photos.archive.models
import app.publishing.photos.lacking
import app.publishing.photos.models
import app.publishing.run.models
import app.publishing.settings.models
import app.publishing.settings.new_goods  # noqa: F401
from app.accounts.recovery import letters_are_sent
from app.accounts.routes import accounts
from app.accounts.signals import owner_has_left, owner_leaves
from app.catalog.export.run import exports
from app.catalog.inbox.routes import new_goods
from app.catalog.routes import catalog
from app.config import INSTANCE, ROOT, Settings
from app.connections.banner import init_alerts
from app.connections.evotor.deliveries import deliveries
from app.connections.key_rotation import rotate_too
from app.connections.models import CloudAccount, EvotorAccount
from app.connections.routes import connections
from app.connections.signals import (
    evotor_connected,
    evotor_disconnected,
    merchant_changes,
    store_changed,
    stores_brought_in,
)
from app.connections.vk.letting_go import revoke_of_leaving_owner
from app.data import engine
from app.data.db import db
from app.data.migrations import init_migrations
from app.data.private import close_to_others, files_of
from app.logs import init_request_log
from app.mirror.forgetting import forget_of, stores_of
from app.mirror.refresh.requests import begin_anew, end_refresh
from app.mirror.refresh.routes import refresh
from app.mirror.refresh.run import refreshes
from app.mirror.refresh.schedule import note_push
from app.mirror.search import is_of_search
from app.mirror.signals import goods_moved, goods_will_move
from app.operations import cli, probes
from app.publishing.feed.address import close_feed, forget_feed
from app.publishing.feed.models import Feed
from app.publishing.feed.routes import feeds
from app.publishing.pages.help import help_pages
from app.publishing.photos.archive.requests import forget_all_archives
from app.publishing.photos.archive.run import archives
from app.publishing.photos.keeping import forget_all_pictures
from app.publishing.photos.routes import photos
from app.publishing.routes import sync
from app.publishing.run.lives import publications, readings
from app.publishing.settings.already_public import keep_public
from app.publishing.settings.models import PublicationSettings
from app.publishing.state import init_state
from app.rules.tallies import count_rules_on_goods
from app.web.addresses import init_addresses
from app.web.assets import init_assets
from app.web.bodies import init_bodies
from app.web.compression import init_compression
from app.web.cookie_session import AgelessSessions
from app.web.counted_first import init_attempts
from app.web.error_pages import init_errors
from app.web.extensions import csrf, limiter, login_manager
from app.web.flashes import init_flashes
from app.web.formatting import init_formatting
from app.web.kept_macros import init_kept_macros
from app.web.keys import init_keys
from app.web.language import init_language
from app.web.lean import init_lean_templates
from app.web.security import init_security_headers
from app.work.metrics import init_metrics
from app.work.queue import queue

_BLUEPRINTS = (
    accounts,
    connections,
    deliveries,
    sync,
    refresh,
    photos,
    feeds,
    help_pages,
    catalog,
    probes.health,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; without `settings` they are read from the environment.

    Raises `app.config.ConfigError` when a setting is missing or unusable.
    """
    settings = settings or Settings.from_env(os.environ)
    app = Flask(
        "vitrina",
        root_path=str(ROOT),
        instance_path=str(INSTANCE),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.session_interface = AgelessSessions()
    app.extensions["settings"] = settings
    app.config.update(_flask_config(settings))
    init_bodies(app)
    _init_templates(app)
    init_addresses(app)
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]

    _init_storage(app, settings)
    _init_guards(app)
    queue.init_app(app, settings.redis_url)
    init_keys(app)
    init_assets(app)
    # The first to see a request, the last to see its answer.
    init_request_log(app)
    init_metrics(app)
    init_compression(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    _connect_features(app)
    init_language(app)
    init_formatting(app)
    init_security_headers(app)
    init_flashes(app)
    init_errors(app)
    cli.init_commands(app)
    return app


def _init_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    init_lean_templates(app)
    init_kept_macros(app)


def _init_storage(app: Flask, settings: Settings) -> None:
    # What the product writes, its database and pictures above all, is nobody else's to read.
    close_to_others(INSTANCE, settings.media_dir, *files_of(settings.database_url))
    INSTANCE.mkdir(exist_ok=True)
    db.init_app(app)
    engine.init_engine(app)
    init_migrations(app, lambda _object, name, *_: not is_of_search(name))


def _init_guards(app: Flask) -> None:
    login_manager.init_app(app)
    csrf.init_app(app)
    init_attempts(app)
    limiter.init_app(app)


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine.engine_options(settings.database_url),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_served_over_tls,
        # A page may stay open for days; its forms must still work.
        "WTF_CSRF_TIME_LIMIT": None,
        # `Referrer-Policy: same-origin` sends no referrer in some browsers' private modes.
        "WTF_CSRF_SSL_STRICT": False,
        "RATELIMIT_STORAGE_URI": settings.redis_url.replace("unix://", "redis+unix://"),
        # Nobody waits for a frozen one any longer than for the queue.
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
    }


def _connect_features(app: Flask) -> None:
    init_alerts(app)
    init_state(app)
    app.add_template_global(letters_are_sent)
    app.add_template_global(new_goods)
    store_changed.connect(note_push)
    goods_moved.connect(count_rules_on_goods)
    goods_will_move.connect(keep_public)
    evotor_connected.connect(begin_anew)
    evotor_disconnected.connect(end_refresh)
    evotor_disconnected.connect(close_feed)
    rotate_too(Feed.user_id, Feed.credentials)
    merchant_changes.connect(forget_of)
    merchant_changes.connect(forget_feed)
    stores_brought_in.connect(stores_of)
    owner_leaves.connect(_let_owner_go)
    owner_has_left.connect(_clear_after_owner)


def _let_owner_go(_sender: object, *, user_id: int) -> None:
    """End what runs for the owner, hand rights back, and delete what anything could begin with."""
    _end_runs(user_id)
    revoke_of_leaving_owner(None, user_id=user_id)
    for table in (CloudAccount, EvotorAccount, Feed, PublicationSettings):
        db.session.execute(delete(table).filter_by(user_id=user_id))


def _clear_after_owner(_sender: object, *, user_id: int) -> None:
    """End what was begun at the last moment, and delete files."""
    _end_runs(user_id)
    forget_all_pictures(user_id)
    forget_all_archives(user_id)


def _end_runs(user_id: int) -> None:
    for runs in (publications, readings, refreshes, exports, archives):
        runs.end(user_id)
