"""The page of one good."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from sqlalchemy import select

from app.catalog.lists.address import BadQuery
from app.catalog.lists.requested import store_id_in
from app.catalog.product.page import product_page
from app.catalog.routes import catalog
from app.data.db import db
from app.data.types import fits_id
from app.mirror.big_shops import long_way_in_turn
from app.mirror.models import CachedProduct


@catalog.get("/product")
@login_required
def product() -> ResponseReturnValue:
    store_id, product_id = store_id_in(request.args), request.args.get("product_id", "")
    if not fits_id(product_id):
        raise BadQuery(gettext("В адресе не указан товар. Откройте его из каталога."))
    with long_way_in_turn(current_user.id, [(store_id, product_id)]):
        context = product_page(current_user.id, store_id, product_id) or abort(404)
    return render_template("catalog/product.html", **context)


@catalog.get("/product/<key:number>")
@login_required
def show_product(number: int) -> ResponseReturnValue:
    """Lead to a good's page; the short address keeps rows small."""
    good = (CachedProduct.store_evotor_id, CachedProduct.evotor_id)
    found = db.session.execute(select(*good).filter_by(user_id=current_user.id, id=number)).first()
    store_id, product_id = found or abort(404)
    return redirect(url_for("catalog.product", store_id=store_id, product_id=product_id), 303)
