"""Static files with their version in the address: browsers keep them for a year, and never a day too long.

There is one stylesheet and one script; text is compressed once, when the process starts.
"""

import gzip
import mimetypes
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, Response, abort, request

from app.web.stylesheet import stylesheet

_SCRIPTS = ("page", "keys", "toasts", "rows", "ticks", "menus", "busy", "tree", "upload", "camera")
_KEPT = "public, max-age=31536000, immutable"


class _Asset(NamedTuple):
    """What is sent under one name; `compressed` is None where that would save nothing."""

    content: bytes
    compressed: bytes | None
    mimetype: str
    version: str


def init_assets(app: Flask) -> None:
    """Serve the bundles beside the static files, and give every address of `static` its version."""
    assets = _assets(Path(app.static_folder or ""))

    def serve(filename: str) -> Response:
        if filename not in assets:
            abort(404)
        asset = assets[filename]
        response = _as_accepted(asset)
        response.make_conditional(request)
        is_current = request.args.get("v") == asset.version
        response.headers["Cache-Control"] = _KEPT if is_current else "no-cache"
        return response

    app.view_functions["static"] = serve

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (asset := assets.get(values["filename"])):
            values.setdefault("v", asset.version)


def _as_accepted(asset: _Asset) -> Response:
    response = Response(asset.content, mimetype=asset.mimetype)
    response.set_etag(asset.version)
    if asset.compressed is not None:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            response.set_data(asset.compressed)
            response.content_encoding = "gzip"
            response.set_etag(f"{asset.version}-gzip")
    return response


@cache
def _assets(folder: Path) -> dict[str, _Asset]:
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assets = {name: _asset(path.read_bytes(), name) for name, path in files.items()}
    script = b"\n".join((folder / "js" / f"{part}.js").read_bytes() for part in _SCRIPTS)
    assets["site.css"] = _asset(stylesheet(folder), "site.css")
    assets["site.js"] = _asset(script, "site.js")
    return assets


def _asset(content: bytes, name: str) -> _Asset:
    compressed = gzip.compress(content, 9, mtime=0)
    return _Asset(
        content=content,
        compressed=compressed if len(compressed) < len(content) * 0.9 else None,
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        version=sha256(content).hexdigest()[:12],
    )
