"""The VK page of the control desk, /__sandbox__/vk/: roles, rights, tokens, troubles."""

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.vk import shop_pages
from sandbox.vk.calls import UPLOAD
from sandbox.vk.dispatch import METHODS
from sandbox.vk.faults import KINDS
from sandbox.vk.method import EXECUTE
from sandbox.vk.people import ADMINISTRATOR, EDITOR, NO_ROLE, Community, Person
from sandbox.vk.world import TROUBLES, VkWorld

blueprint = Blueprint("vk_control", __name__)
blueprint.register_blueprint(shop_pages.blueprint, url_prefix="/shop")

TIMES = ("1", "3", "10")
MESSAGES = {
    "changed": "Готово. Нажмите «Проверить сейчас» в Витрине, чтобы увидеть перемену.",
    "expired": "Все ключи доступа устарели. Витрина обновит их сама при следующем обращении.",
    "revoked": "Доступ отозван. Витрина попросит подключить ВКонтакте заново.",
}


@blueprint.get("/")
def desk() -> str:
    """Show people, communities, rights and troubles."""
    vk = _vk()
    return render_template(
        "sandbox/vk_desk.html",
        people=vk.people.values(),
        communities=vk.communities.values(),
        grants=vk.grants,
        market_granted="market" in vk.granted_scopes,
        trouble=vk.trouble,
        faults=vk.faults.active(),
        kinds=KINDS,
        methods=(*METHODS, EXECUTE, UPLOAD),
        times=TIMES,
        troubles=TROUBLES,
        administrator=ADMINISTRATOR,
        message=MESSAGES.get(request.args.get("said", "")),
    )


@blueprint.post("/market")
def market() -> Response:
    """Switch the goods of a community on or off."""
    community = _community()
    community.market_on = not community.market_on
    return _back("changed")


@blueprint.post("/role")
def role() -> Response:
    """Make a person an administrator of a community, or an editor."""
    community, person = _community(), _person()
    is_administrator = community.roles.get(person.id) == ADMINISTRATOR
    community.roles[person.id] = EDITOR if is_administrator else ADMINISTRATOR
    return _back("changed")


@blueprint.post("/dismiss")
def dismiss() -> Response:
    """Take a person's role in a community away, or return it as an administrator's."""
    community, person = _community(), _person()
    community.roles[person.id] = NO_ROLE if community.roles.get(person.id) else ADMINISTRATOR
    return _back("changed")


@blueprint.post("/block")
def block() -> Response:
    """Block a person's account, or unblock it."""
    person = _person()
    person.blocked = not person.blocked
    return _back("changed")


@blueprint.post("/scope")
def scope() -> Response:
    """Grant the app the right to goods, or take it away, tokens already issued included."""
    vk = _vk()
    with vk.lock:
        vk.granted_scopes ^= {"market"}
        for grant in vk.grants:
            grant.scope = tuple(name for name in grant.asked_scope if name in vk.granted_scopes)
    return _back("changed")


@blueprint.post("/trouble")
def trouble() -> Response:
    """Choose what goes wrong with every call; empty for nothing."""
    name = request.form.get("name") or None
    if name is not None and name not in TROUBLES:
        abort(404)
    _vk().trouble = name
    # Requests that were kept waiting go on.
    current_app.extensions["sandbox"].faults.release()
    return _back("changed")


@blueprint.post("/faults/add")
def add_fault() -> Response:
    """Break one method, or all of them: so many times, or until it is mended."""
    name, times = request.form.get("name", ""), request.form.get("times", "")
    if name not in KINDS:
        abort(404)
    _vk().faults.add(
        name,
        method=request.form.get("method") or None,
        code=request.form.get("code", 10, type=int),
        times=int(times) if times in TIMES else None,
    )
    return _back("changed")


@blueprint.post("/faults/clear")
def clear_fault() -> Response:
    """Mend one method."""
    _vk().faults.clear(request.form.get("id", type=int))
    return _back("changed")


@blueprint.post("/expire")
def expire() -> Response:
    """Let every access token expire."""
    _vk().expire_access()
    return _back("expired")


@blueprint.post("/revoke")
def revoke() -> Response:
    """Take away what a person allowed."""
    _vk().revoke_person(_person().id)
    return _back("revoked")


def _community() -> Community:
    found = _vk().communities.get(request.form.get("community", type=int) or 0)
    return found or abort(404)


def _person() -> Person:
    return _vk().people.get(request.form.get("person", type=int) or 0) or abort(404)


def _back(said: str) -> Response:
    shop = request.form.get("shop", type=int)
    if shop in _vk().communities:
        return redirect(url_for(".shop.page", community_id=shop, admin=1, said="switched"), 303)
    return redirect(url_for("control.vk_control.desk", said=said), 303)


def _vk() -> VkWorld:
    vk: VkWorld = current_app.extensions["sandbox"].vk
    return vk
