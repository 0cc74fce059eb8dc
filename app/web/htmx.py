"""Everything the server knows of HTMX's headers."""

import json

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

CATALOG_CHANGED = "catalog-changed"
RULES_CHANGED = "rules-changed"
PHOTOS_CHANGED = "photos-changed"
LISTINGS_CHANGED = "listings-changed"


def wants_fragment() -> bool:
    """Tell whether this request asks for a part of a page (a history restore asks for a whole one)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def page_of_fragment() -> str | None:
    """The address of the page that asks for a part."""
    return request.headers.get("HX-Current-URL")


def redirect_whole_page(url: str) -> BaseResponse:
    """Lead the browser to `url`, also when a fragment was asked for."""
    if not wants_fragment():
        return redirect(url, 303)
    return Response(status=204, headers={"HX-Redirect": url})


def refresh_page(response: Response) -> Response:
    """Let the page that asked for a part be loaded anew, as more of it has changed."""
    response.headers["HX-Refresh"] = "true"
    return response


def trigger(response: Response, event: str) -> Response:
    """Let the page hear `event` after the swap."""
    response.headers["HX-Trigger"] = event
    return response


def trigger_on_page(response: Response, event: str) -> Response:
    """The same where the element that asked leaves the page with the swap."""
    response.headers["HX-Trigger"] = json.dumps({event: {"target": "body"}})
    return response


def vary_by_request_type(response: Response) -> Response:
    """Keep caches from mixing a page up with its fragment."""
    response.vary.add("HX-Request")
    response.vary.add("HX-Request-Type")
    return response
