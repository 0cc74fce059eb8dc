"""Response headers, the check that a redirect stays on this site, and whom limits count."""

import re
from functools import cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, request

# No inline script or style anywhere, so neither 'unsafe-inline' nor a nonce is needed.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: https:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# No page uses any of these unless it says so, and no script that got in shall.
_FEATURES = (
    *("accelerometer", "camera", "clipboard-read", "display-capture", "geolocation", "gyroscope"),
    *("magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb"),
)

_LONGEST_PATH = 8000
_UNSAFE = re.compile(r"[\\\x00-\x1f\x7f]")
_HOST = re.compile("[^/?#]*//([^/?#]*)")


def init_security_headers(app: Flask) -> None:
    """Add the security headers to every answer."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        # The referrer is how a form without JavaScript finds its way back to the list it came from.
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", permissions_policy())
        if app.config["SESSION_COOKIE_SECURE"]:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "private, no-store")
        return response


@cache
def permissions_policy(*allowed: str) -> str:
    """The header by which a page may use what is `allowed` of a device, and nothing else."""
    return ", ".join(f"{feature}=({'self' if feature in allowed else ''})" for feature in _FEATURES)


def local_path(url: str | None) -> str | None:
    """Give the path and query of `url` when it leads to this site, else None.

    Accepts absolute URLs of this host and absolute paths; refuses `//host`, `\\host` and other schemes.
    """
    if not url or len(url) > _LONGEST_PATH or _UNSAFE.search(url):
        return None
    # `urlsplit` normalises any other.
    if (named := _HOST.match(url)) and named[1] not in ("", request.host):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_absolute = bool(parts.scheme or parts.netloc)
    if is_absolute and (parts.scheme not in ("http", "https") or parts.netloc != request.host):
        return None
    if not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def local_place(url: str | None) -> str | None:
    """The same with the place on the page that `url` names."""
    path = local_path(url)
    place = (url or "").partition("#")[2]
    return f"{path}#{place}" if path and place else path


def visitor_network() -> str:
    """Give the visitor's address; of version 6 its /64 network, which one visitor has to themselves."""
    return _network(64)


def visitor_site() -> str:
    """Give the visitor's address; of version 6 its /48, the most that a provider gives to one customer."""
    return _network(48)


def _network(prefix: int) -> str:
    text = (request.remote_addr or "127.0.0.1")[:64]
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((int(address), prefix), strict=False))
