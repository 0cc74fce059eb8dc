"""Static files with their version in the address: browsers keep them for a year, and never a day too long.

There is one stylesheet, and one script for each language; text is compressed once.
"""

import gzip
import json
import mimetypes
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, Response, abort, request

from app.web.conditional import conditional
from app.web.language import LANGUAGES, SOURCE, catalogue, language
from app.web.stylesheet import stylesheet

# fmt: off
_SCRIPTS = (
    "words", "page", "keys", "toasts", "undo", "rows", "ticks", "menus", "busy", "tree", "upload", "camera",
)
# fmt: on
_SPOKEN_BY = {f"site.{spoken}.js": spoken for spoken in LANGUAGES if spoken != SOURCE}
_SAID = re.compile(r'\b_\("([^"]+)"')
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

    def find(filename: str) -> _Asset | None:
        spoken = _SPOKEN_BY.get(filename)
        return _translated(assets["site.js"], spoken) if spoken else assets.get(filename)

    def serve(filename: str) -> Response:
        asset = find(filename)
        if asset is None:
            abort(404)
        response = _as_accepted(asset)
        conditional(response)
        is_current = request.args.get("v") == asset.version
        response.headers["Cache-Control"] = _KEPT if is_current else "no-cache"
        return response

    app.view_functions["static"] = serve

    app.add_template_global(script_of_page)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (asset := find(values["filename"])):
            values.setdefault("v", asset.version)


def script_of_page() -> str:
    """Name the script that speaks the language of the page."""
    return "site.js" if language() == SOURCE else f"site.{language()}.js"


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


@cache
def _translated(script: _Asset, spoken: str) -> _Asset:
    """The script behind a dictionary of all that it says; made when it is first asked for."""
    known = catalogue(spoken)
    words = {said: known.gettext(said) for said in sorted(set(_SAID.findall(script.content.decode())))}
    dictionary = f'"use strict";\nconst words = {json.dumps(words, ensure_ascii=False)};\n'
    return _asset(dictionary.encode() + script.content, "site.js")


def _asset(content: bytes, name: str) -> _Asset:
    compressed = gzip.compress(content, 9, mtime=0)
    return _Asset(
        content=content,
        compressed=compressed if len(compressed) < len(content) * 0.9 else None,
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        version=sha256(content).hexdigest()[:12],
    )
