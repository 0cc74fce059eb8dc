"""A workbook as an answer: whole in a file before its first byte is sent."""

from collections.abc import Callable
from os import SEEK_END
from tempfile import TemporaryFile
from typing import IO

from flask import Response, send_file

from app.web.sheet import XLSX_TYPE


def workbook_answer(name: str, write: Callable[[IO[bytes]], object]) -> Response:
    """The answer that sends what `write` puts into a file as the workbook `name`. Raises what that raises."""
    file = TemporaryFile()  # noqa: SIM115 (the response closes it, and a closed one is gone)
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    size = file.seek(0, SEEK_END)
    file.seek(0)
    answer = send_file(file, XLSX_TYPE, as_attachment=True, download_name=name)
    answer.content_length = size
    return answer
