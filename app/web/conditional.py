"""Answers that a visitor may have already."""

from contextlib import suppress

from flask import Response, request


def conditional(response: Response) -> Response:
    """Make the answer 304, without a body, where the visitor has it already; returns it."""
    # Dates beyond all calendars come out of the parser so; they are as good as none.
    with suppress(OverflowError):
        response.make_conditional(request)
    return response
