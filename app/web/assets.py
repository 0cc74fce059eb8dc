"""Static files with their version in the address: browsers keep them for a year, and never a day too long.

The parts of the stylesheet and of the script are one file each to a browser; icons travel in the stylesheet.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request

# The order in which rules of equal weight win: the last does.
_STYLES = (
    "tokens",
    "layout",
    "components",
    "table",
    "phone",
    "refresh",
    "sync",
    "publishing",
    "bulk",
    "product",
    "print",
)
_SCRIPTS = ("page", "toasts", "rows", "ticks", "busy")
_KEPT = "public, max-age=31536000, immutable"
_ICON = re.compile(r'url\("(\.\./[^"]+\.svg)"\)')


def init_assets(app: Flask) -> None:
    """Serve the bundles beside the static files, and give every address of `static` its version."""
    folder = Path(app.static_folder or "")
    bundles = {
        "site.css": (_stylesheet(folder), "text/css"),
        "site.js": (_joined(folder / "js" / f"{part}.js" for part in _SCRIPTS), "text/javascript"),
    }

    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    versions = {name: _version(path.read_bytes()) for name, path in files.items()}
    versions |= {name: _version(content) for name, (content, _) in bundles.items()}

    def serve(filename: str) -> Response:
        if filename in bundles:
            content, mimetype = bundles[filename]
            response = Response(content, mimetype=mimetype)
            response.set_etag(versions[filename])
            response.make_conditional(request)
        else:
            response = app.send_static_file(filename)
        is_current = request.args.get("v") == versions.get(filename)
        response.headers["Cache-Control"] = _KEPT if is_current else "no-cache"
        return response

    app.view_functions["static"] = serve

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("v", versions.get(values["filename"]))


def _stylesheet(folder: Path) -> bytes:
    text = _joined(folder / "css" / f"{part}.css" for part in _STYLES).decode()
    return _ICON.sub(lambda icon: f'url("{_as_data(folder / "css" / icon[1])}")', text).encode()


def _as_data(icon: Path) -> str:
    return "data:image/svg+xml," + quote(icon.read_text().strip(), safe=" =:/'<>;")


def _joined(parts: Any) -> bytes:
    return b"\n".join(part.read_bytes() for part in parts)


def _version(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]
