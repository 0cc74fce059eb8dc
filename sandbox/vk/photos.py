"""The methods around uploads: an address to send a picture to, and saving what was sent."""

import json
from typing import Any

from sandbox.vk.goods import Photo
from sandbox.vk.method import Call, Methods
from sandbox.vk.pictures import Door, Upload
from sandbox.vk.refused import Refused
from sandbox.vk.shown import Shown

METHODS = Methods()


@METHODS.method("market.getProductPhotoUploadServer", "group_id bulk")
def get_upload_server(call: Call) -> dict[str, str]:
    """Open an upload address for the person and the community."""
    _need_right(call)
    market, bulk = call.own_shop("group_id"), bool(call.flag("bulk"))
    person_id = call.grant.person.id if call.grant else 0
    key = call.vk.pictures.open_door(Door(market.community_id, person_id, bulk, call.vk.now()))
    return {"upload_url": f"{call.host}vk-pictures/upload/{key}"}


@METHODS.method("market.saveProductPhoto", "upload_response", writes=True)
def save(call: Call) -> dict[str, Any]:
    """Save the one picture that was sent."""
    sent = _sent(call)
    if not isinstance(sent, dict):
        call.wrong("upload_response is invalid")
    return _saved(call, [sent])[0]


@METHODS.method("market.saveProductPhotoBulk", "upload_response", writes=True)
def save_bulk(call: Call) -> list[dict[str, Any]]:
    """Save up to five pictures that were sent at once."""
    sent = _sent(call)
    if not isinstance(sent, list) or not sent:
        call.wrong("upload_response is invalid")
    return _saved(call, sent)


def _sent(call: Call) -> Any:
    _need_right(call)
    try:
        return json.loads(call.required("upload_response"))
    except ValueError:
        return call.wrong("upload_response is invalid")


def _saved(call: Call, sent: list[Any]) -> list[dict[str, Any]]:
    uploads = [_upload(call, each) for each in sent]
    for each in sent:
        # What was saved once cannot be saved again.
        del call.vk.pictures.uploads[each["hash"]]
    return [_shown(call, upload) for upload in uploads]


def _upload(call: Call, sent: Any) -> Upload:
    if not isinstance(sent, dict) or "error" in sent:
        raise Refused(129)
    upload = call.vk.pictures.uploads.get(str(sent.get("hash")))
    if upload is None or sent.get("sha") != upload.digest or sent.get("group_id") != upload.community_id:
        raise Refused(121)
    community = call.vk.communities[upload.community_id]
    if not call.leads(community):
        raise Refused(call.vk.habits.lost_role_code)
    if not community.market_on:
        raise Refused(1438)
    return upload


def _shown(call: Call, upload: Upload) -> dict[str, Any]:
    market = call.vk.market(upload.community_id)
    header = upload.header
    photo: Photo = market.add_photo(header.width, header.height, upload.digest, call.vk.now())
    return {"photo_id": photo.id, "photo": Shown(market, call.host, leads=True).photo(photo)}


def _need_right(call: Call) -> None:
    if call.grant and call.vk.habits.photo_scope not in call.grant.scope:
        raise Refused(15)
