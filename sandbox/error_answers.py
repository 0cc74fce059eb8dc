"""What an error looks like: of the cloud itself, and of the web server in front of it."""

import json

from flask import Response

HTML_PAGE = (
    "<!doctype html><html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
)


def error(status: int, code: str, message: str, *violations: tuple[str, str]) -> Response:
    """Build an error in the documented shape; a violation is (reason, subject)."""
    body = {
        "code": code,
        "message": message,
        "violations": [{"reason": reason, "subject": subject} for reason, subject in violations],
    }
    return Response(
        json.dumps(body, ensure_ascii=False), status, content_type="application/json;charset=UTF-8"
    )


def html_error(status: int, title: str) -> Response:
    """Build an error with the page of a web server in front of the cloud."""
    return Response(HTML_PAGE.format(f"{status} {title}"), status, content_type="text/html;charset=UTF-8")
