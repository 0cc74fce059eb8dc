"""The page of one good."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.catalog.lists.address import BadQuery
from app.catalog.lists.requested import store_id_in
from app.catalog.product.page import product_page
from app.catalog.routes import catalog
from app.data.types import fits_text

_LONGEST_ID = 255


@catalog.get("/product")
@login_required
def product() -> ResponseReturnValue:
    store_id, product_id = store_id_in(request.args), request.args.get("product_id", "")
    if not fits_text(product_id, _LONGEST_ID):
        raise BadQuery("В адресе не указан товар. Откройте его из каталога.")
    context = product_page(current_user.id, store_id, product_id) or abort(404)
    return render_template("catalog/product.html", **context)
