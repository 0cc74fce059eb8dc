"""Requests whose files a route may receive in its own way instead of the system's temporary folder."""

from collections.abc import Callable
from typing import IO

from flask import Request, request


class UploadRequest(Request):
    """The application's request; `make_file`, where set, gives what each file of a form is written to."""

    make_file: Callable[[], IO[bytes]] | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.make_file is not None:
            return self.make_file()
        return super()._get_file_stream(total_content_length, content_type, filename, content_length)


def receive_files_by(make_file: Callable[[], IO[bytes]]) -> None:
    """Let the files of the current request be written to what `make_file` gives; before its form is read."""
    request.make_file = make_file  # type: ignore[attr-defined]
