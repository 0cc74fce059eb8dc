"""The host of pictures: takes uploads, shows what was saved. Errors come with 200 and a text."""

import json
from functools import lru_cache
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from PIL import Image, UnidentifiedImageError
from werkzeug.datastructures import FileStorage

from sandbox.vk.calls import UPLOAD, CallMade, now
from sandbox.vk.dispatch import STRIKING
from sandbox.vk.faults import ERROR
from sandbox.vk.pictures import BadPicture, Door, check_picture
from sandbox.vk.spoiling import Spoiled, spoiled_response
from sandbox.vk.world import VkWorld

blueprint = Blueprint("vk_pictures", __name__)

SERVER = 631923
MOST_AT_ONCE = 5


@blueprint.post("/upload/<key>")
def upload(key: str) -> Response:
    """Take a picture from the field `file`, or up to five from `file1` to `file5` for a bulk address."""
    vk, arrived = _vk(), now()
    door = vk.pictures.doors.get(key)
    vk.calls.add(CallMade(arrived, UPLOAD, door.person_id if door else None, False, False, None))
    fault = vk.faults.take(STRIKING, UPLOAD, False)
    try:
        if fault and fault.name == ERROR:
            raise BadPicture(fault.message or "ERR_UPLOAD_FILE_NOT_UPLOADED: file not uploaded")
        if fault and not fault.done:
            return spoiled_response(Spoiled(fault), vk.faults)
        if door is None or vk.now() > door.opened_at + vk.limits.upload_seconds:
            raise BadPicture("ERR_UPLOAD_BAD_REQUEST: upload url is wrong or too old")
        answer = _taken(vk, door)
    except BadPicture as bad:
        return _json({"error": str(bad), "bwact": "do_add", "server": SERVER, "_sig": ""})
    return spoiled_response(Spoiled(fault, answer), vk.faults) if fault else _json(answer)


@blueprint.get("/<digest>/<int:side>")
def picture(digest: str, side: int) -> Response:
    """Show a picture, no side of it longer than asked."""
    data = _vk().pictures.files.get(digest) or abort(404)
    small, content_type = _scaled(data, side)
    response = Response(small, content_type=content_type)
    response.headers["Cache-Control"] = "max-age=86400, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _taken(vk: VkWorld, door: Door) -> Any:
    if not door.bulk:
        return _kept(vk, door, request.files.get("file"))
    sent = [request.files.get(f"file{number}") for number in range(1, MOST_AT_ONCE + 1)]
    if not any(sent):
        raise BadPicture("ERR_UPLOAD_FILE_NOT_UPLOADED: file not uploaded")
    return [_kept(vk, door, file) for file in sent if file]


def _kept(vk: VkWorld, door: Door, file: FileStorage | None) -> dict[str, Any]:
    if file is None or not file.filename or not file.mimetype:
        raise BadPicture("ERR_UPLOAD_FILE_NOT_UPLOADED: file not uploaded")
    data = file.read()
    check_picture(data, vk.limits.photo_bytes)
    with vk.lock:
        digest, header = vk.pictures.keep(data)
        saved_by = vk.pictures.take_upload(digest, header, door.community_id)
    return {
        "sha": digest,
        "secret": saved_by[:16],
        "meta": {"height": str(header.height), "width": str(header.width), "kid": saved_by},
        "hash": saved_by,
        "server": str(SERVER),
        "user_id": door.person_id,
        "group_id": door.community_id,
        "request_id": saved_by[16:],
        "album_id": -53,
        "app_id": 51234567,
    }


@lru_cache(maxsize=512)
def _scaled(data: bytes, side: int) -> tuple[bytes, str]:
    try:
        image = Image.open(BytesIO(data))
        content_type = Image.MIME.get(image.format or "", "application/octet-stream")
        if max(image.size) <= side:
            return data, content_type
        image.thumbnail((side, side))
        written = BytesIO()
        image.convert("RGB").save(written, "JPEG", quality=85)
        return written.getvalue(), "image/jpeg"
    except (UnidentifiedImageError, OSError, ValueError):
        return data, "application/octet-stream"


def _json(answer: Any) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), content_type="application/json; charset=utf-8")


def _vk() -> VkWorld:
    vk: VkWorld = current_app.extensions["sandbox"].vk
    return vk
