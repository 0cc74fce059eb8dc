"""The page of the synchronisation."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy import func, select

from app.extensions import db
from app.sync import outcomes
from app.sync.models import SyncConfig
from app.sync.rules import INCLUDE

sync = Blueprint("sync", __name__, url_prefix="/sync")


@sync.get("")
@login_required
def index() -> ResponseReturnValue:
    config = db.session.scalar(select(SyncConfig).filter_by(user_id=current_user.id))
    counts = outcomes.counts_by_group(current_user.id).subquery()
    products, published = db.session.execute(
        select(func.coalesce(func.sum(counts.c.products), 0), func.coalesce(func.sum(counts.c.published), 0))
    ).one()
    return render_template(
        "sync/index.html",
        is_enabled=bool(config and config.is_enabled),
        default_mode=config.default_mode if config else INCLUDE,
        counts={"published": int(published), "hidden": int(products - published)},
    )
