"""Sentences that wait for the next page: they travel in the cookie, which has to stay small."""

from flask import Flask, Response, session

_KEY = "_flashes"
NEWEST = 5


def init_flashes(app: Flask) -> None:
    """Keep the newest sentences only: a cookie that outgrows a header locks its owner out of every page."""

    @app.after_request
    def keep_newest(response: Response) -> Response:
        waiting = session.get(_KEY, [])
        if len(waiting) > NEWEST:
            session[_KEY] = waiting[-NEWEST:]
        return response
