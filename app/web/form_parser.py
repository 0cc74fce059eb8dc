"""Reads forms as Werkzeug does, and bounds what is in memory: headers and fields take times their size."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from io import BytesIO
from itertools import chain
from sys import getsizeof
from typing import IO

from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

# The headers of one part may be as long, and the body is read in such pieces.
_PART, _PIECE = 96 * 1024, 64 * 1024
# One letter above U+FFFF makes all of its text so wide.
_WIDEST = 4

Fields = MultiDict[str, str]
Files = MultiDict[str, FileStorage]


class BoundedFormParser(FormDataParser):
    """`max_form_parts` bounds any form; `max_form_memory_size`, what headers and fields of all parts take.

    Of a file nothing is kept but its names and its content.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], Fields, Files]:
        """Give what is left of the body, the fields and the files; neither of what cannot be read as a form.

        Raises RequestEntityTooLarge.
        """
        if mimetype == "multipart/form-data":
            try:
                boundary = (options or {})["boundary"].encode("ascii")
                return stream, *self._parts(stream, boundary, content_length)
            except (KeyError, ValueError):
                return stream, self.cls(), self.cls()
        if mimetype == "application/x-www-form-urlencoded":
            body = stream.read()
            if body.count(b"&") >= (self.max_form_parts or 0):
                raise RequestEntityTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)

    def _parts(self, stream: IO[bytes], boundary: bytes, content_length: int | None) -> tuple[Fields, Files]:
        fields: list[tuple[str, BytesIO]] = []
        files: list[tuple[str, FileStorage]] = []
        content: IO[bytes] = BytesIO()
        held = 0
        with ExitStack() as opened:
            for event in _events(MultipartDecoder(boundary, _PART, max_parts=self.max_form_parts), stream):
                match event:
                    case File(name, filename, headers):
                        content = opened.enter_context(self.stream_factory(content_length, None, filename))
                        files.append((name or "", FileStorage(content, filename, name)))
                        held += _weight(headers)
                    case Field(name, headers):
                        content = BytesIO()
                        fields.append((name or "", content))
                        held += _weight(headers)
                    case Data(data):
                        content.write(data)
                        held += _WIDEST * len(data) if isinstance(content, BytesIO) else 0
                if held > (self.max_form_memory_size or 0):
                    raise RequestEntityTooLarge
            for _, file in files:
                file.stream.seek(0)
            opened.pop_all()
        texts = ((name, text.getvalue().decode(errors="replace")) for name, text in fields)
        return self.cls(texts), self.cls(files)


def _events(decoder: MultipartDecoder, stream: IO[bytes]) -> Iterator[Event]:
    for piece in chain(iter(partial(stream.read, _PIECE), b""), [None]):
        decoder.receive_data(piece)
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            yield event


def _weight(headers: Headers) -> int:
    return sum(getsizeof(text) for header in headers for text in header)
