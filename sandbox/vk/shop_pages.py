"""The shop of a community, /__sandbox__/vk/shop/<id>/: as visitors see it and as its administrator does."""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox.vk.categories import category
from sandbox.vk.drawing import drawn
from sandbox.vk.filling import add_foreign
from sandbox.vk.goods import AVAILABLE, REMOVED, Item, Market
from sandbox.vk.people import Community
from sandbox.vk.pictures import BadPicture, check_picture
from sandbox.vk.texts import hundredths, price_text, roubles
from sandbox.vk.world import VkWorld

blueprint = Blueprint("shop", __name__)

ON_A_PAGE = 24
MESSAGES = {
    "added": "Товар добавлен вручную. Витрина такие товары не трогает.",
    "changed": "Товар изменён вручную.",
    "hidden": "Товар скрыт от покупателей.",
    "shown": "Товар снова виден покупателям.",
    "deleted": "Товар удалён. Внизу страницы его можно вернуть.",
    "restored": "Товар возвращён.",
    "rejected": "Модератор отклонил товар.",
    "accepted": "Модератор пропустил товар.",
    "switched": "Готово.",
    "bad_name": "Название: от 4 до 100 знаков.",
    "bad_price": "Цена: число от 0, например 350 или 199,90.",
    "bad_picture": "Картинка не подошла. Нужен JPEG, PNG или GIF не меньше 400 на 400 точек.",
}

Returned = TypeVar("Returned")


def _undisturbed(view: Callable[..., Returned]) -> Callable[..., Returned]:
    """Keep the calls of the API waiting while a page reads or changes the market."""

    @wraps(view)
    def wrapped(**kwargs: Any) -> Returned:
        with _vk().lock:
            return view(**kwargs)

    return wrapped


@blueprint.get("/<int:community_id>/")
@_undisturbed
def page(community_id: int) -> str:
    """Show the goods in a grid: of the whole shop, of an album, or found by a word."""
    community, market = _shop(community_id)
    admin = _as_admin()
    album, query = (
        market.albums.get(request.args.get("album", type=int) or 0),
        request.args.get("q", "").strip(),
    )
    found = [
        item
        for item in ([market.items[each] for each in album.items] if album else market.living())
        if (admin or _is_for_visitors(item)) and query.casefold() in item.title.casefold()
    ]
    last = max(1, ceil(len(found) / ON_A_PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), last)
    return render_template(
        "sandbox/vk_shop.html",
        **_known(community, market),
        albums=[each for each in market.albums.values() if admin or (each.items and not each.is_hidden)],
        album=album,
        query=query,
        total=len(found),
        page=number,
        last=last,
        items=found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE],
        removed=[item for item in market.items.values() if item.availability == REMOVED][-ON_A_PAGE:],
        vk=_vk(),
    )


@blueprint.get("/<int:community_id>/<int:item_id>")
@_undisturbed
def card(community_id: int, item_id: int) -> str:
    """Show one item with all its pictures and texts."""
    community, market = _shop(community_id)
    item = _item(market, item_id)
    if not _as_admin() and not _is_for_visitors(item):
        abort(404)
    return render_template(
        "sandbox/vk_item.html",
        **_known(community, market, item),
        item=item,
        path=_path(category(item.category_id)),
        albums=[market.albums[each].title for each in market.albums_of(item.id)],
    )


@blueprint.post("/<int:community_id>/add")
@_undisturbed
def add(community_id: int) -> BaseResponse:
    """Add an item by hand: with the picture that is sent, or with a drawn one."""
    community, _ = _shop(community_id)
    fields = _fields()
    sent = request.files.get("picture")
    data = sent.read() if sent else b""
    try:
        if data:
            check_picture(data, _vk().limits.photo_bytes)
    except BadPicture:
        return _back(community_id, "bad_picture")
    add_foreign(_vk(), community.id, fields.pop("title"), fields.pop("price"), data or None, **fields)
    return _back(community_id, "added")


@blueprint.post("/<int:community_id>/<int:item_id>/change")
@_undisturbed
def change(community_id: int, item_id: int) -> BaseResponse:
    """Change name, prices and description by hand."""
    _, market = _shop(community_id)
    market.change(_item(market, item_id).id, **_fields())
    return _back(community_id, "changed", item_id)


@blueprint.post("/<int:community_id>/<int:item_id>/hide")
@_undisturbed
def hide(community_id: int, item_id: int) -> BaseResponse:
    """Hide an item from buyers, or show it again."""
    _, market = _shop(community_id)
    item = _item(market, item_id)
    market.change(item.id, hidden=not item.hidden)
    return _back(community_id, "hidden" if item.hidden else "shown", item_id)


@blueprint.post("/<int:community_id>/<int:item_id>/reject")
@_undisturbed
def reject(community_id: int, item_id: int) -> BaseResponse:
    """Let the moderators refuse an item, or let it pass."""
    _, market = _shop(community_id)
    item = _item(market, item_id)
    market.reject(item.id, "" if item.reject else "Товар нарушает правила размещения.")
    return _back(community_id, "rejected" if item.reject else "accepted", item_id)


@blueprint.post("/<int:community_id>/<int:item_id>/delete")
@_undisturbed
def delete(community_id: int, item_id: int) -> BaseResponse:
    """Delete an item by hand."""
    _, market = _shop(community_id)
    market.delete(_item(market, item_id).id, _vk().now())
    return _back(community_id, "deleted")


@blueprint.post("/<int:community_id>/<int:item_id>/restore")
@_undisturbed
def restore(community_id: int, item_id: int) -> BaseResponse:
    """Return a deleted item by hand."""
    _, market = _shop(community_id)
    if item_id not in market.items or market.items[item_id].availability != REMOVED:
        abort(404)
    market.restore(item_id)
    return _back(community_id, "restored")


@blueprint.get("/drawn/<letter>")
def placeholder(letter: str) -> Response:
    """Draw the picture of an item that has none."""
    return Response(drawn(letter[:1].upper(), 0), content_type="image/jpeg")


def _known(community: Community, market: Market, item: Item | None = None) -> dict[str, Any]:
    # A visitor who cannot see the item is led to the whole shop.
    same = item is None or _is_for_visitors(item)
    return {
        "visitor_url": request.path if same else url_for(".page", community_id=community.id),
        "community": community,
        "market": market,
        "admin": _as_admin(),
        "price_text": price_text,
        "roubles": roubles,
        "message": MESSAGES.get(request.args.get("said", "")),
    }


def _path(shown: dict[str, Any]) -> list[str]:
    return [*(_path(shown["parent"]) if "parent" in shown else []), shown["name"]]


def _is_for_visitors(item: Item) -> bool:
    return item.availability == AVAILABLE and not item.reject


def _as_admin() -> bool:
    return request.values.get("admin") == "1"


def _fields() -> dict[str, Any]:
    """Read the form; a redirect that tells what is wrong ends the request."""
    community_id: Any = (request.view_args or {})["community_id"]
    item_id: Any = (request.view_args or {}).get("item_id")
    title = request.form.get("name", "").strip()
    price, old_price = (_amount(request.form.get(name, "")) for name in ("price", "old_price"))
    if not 4 <= len(title) <= 100:
        abort(_back(community_id, "bad_name", item_id))
    if price is None or old_price is None:
        abort(_back(community_id, "bad_price", item_id))
    # A browser sends line breaks of its own kind.
    description = "\n".join(request.form.get("description", "").split("\r\n")).strip()
    return {"title": title, "price": price, "old_price": old_price, "description": description}


def _amount(written: str) -> int | None:
    return hundredths("".join(written.split()).replace(",", ".") or "0")


def _shop(community_id: int) -> tuple[Community, Market]:
    community = _vk().communities.get(community_id) or abort(404)
    return community, _vk().market(community.id)


def _item(market: Market, item_id: int) -> Item:
    item = market.items.get(item_id)
    return abort(404) if item is None or item.availability == REMOVED else item


def _back(community_id: int, said: str, item_id: int | None = None) -> BaseResponse:
    if item_id is None:
        return redirect(url_for(".page", community_id=community_id, admin=1, said=said), 303)
    return redirect(url_for(".card", community_id=community_id, item_id=item_id, admin=1, said=said), 303)


def _vk() -> VkWorld:
    vk: VkWorld = current_app.extensions["sandbox"].vk
    return vk
