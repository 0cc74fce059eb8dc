"""How much of a request's body may come, and from whom.

`MAX_BODY_BYTES`, but for views that say by `takes_files` that they take more: from who is signed in, by POST,
as a form of files. Files in any field but theirs are left out. The deliveries of Evotor's cloud have bounds
of their own, behind their secret.
"""

from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple, TypeVar, cast

from flask import Flask, Request, current_app, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from app.web.form_parser import BoundedFormParser

# The longest form of ours, a thousand ticked rows, has 30 KB; to decode one may take 75 times its bytes.
MAX_BODY_BYTES = 128 * 1024
_FIELDS = 1100
# Where it is not said otherwise. Each file that is longer than what is spooled holds an open one.
_FILES, _SPOOLED = 40, 64 * 1024
# In memory: of the fields of a form with files, and of each file its headers. A name has 255 letters at most.
_HELD, _HELD_OF_A_FILE = 64 * 1024, 1024

View = TypeVar("View", bound=Callable[..., Any])


class TakenFiles(NamedTuple):
    """What a view takes, as `takes_files` says it."""

    field: str
    body: int
    files: int
    receive: Callable[[], Callable[[], IO[bytes]]] | None


_views: dict[Callable[..., Any], TakenFiles] = {}


class BoundedRequest(Request):
    """The application's request."""

    form_data_parser_class = BoundedFormParser
    files_left = _FILES
    field_of_files: str | None = None
    make_file: Callable[[], IO[bytes]] | None = None

    def take(self, taken: TakenFiles) -> None:
        """Let so much in; before the form is read."""
        self.max_content_length = taken.body
        self.max_form_parts = taken.files + _FIELDS
        self.max_form_memory_size = _HELD + taken.files * _HELD_OF_A_FILE
        self.files_left = taken.files
        self.field_of_files = taken.field
        self.make_file = taken.receive and taken.receive()

    def _load_form_data(self) -> None:
        super()._load_form_data()
        sent: MultiDict[str, Any] = self.__dict__["files"]
        if all(field == self.field_of_files for field in sent):
            return
        # A form reads its texts from the files, too.
        taken = []
        for field, file in sent.items(multi=True):
            if field == self.field_of_files:
                taken.append((field, file))
            else:
                file.close()
        self.__dict__["files"] = self.parameter_storage_class(taken)

    def _get_file_stream(self, *_about: Any, **_more: Any) -> IO[bytes]:
        self.files_left -= 1
        if self.files_left < 0:
            raise RequestEntityTooLarge
        return self.make_file() if self.make_file else cast(IO[bytes], SpooledTemporaryFile(_SPOOLED))


def takes_files(
    field: str, body: int, files: int = _FILES, receive: Callable[[], Callable[[], IO[bytes]]] | None = None
) -> Callable[[View], View]:
    """Let a view take forms of so many bytes, and so many files in one field; goes right below its route.

    receive: called before the form is read; gives what makes the file that each of the form's is written to.
    """

    def mark(view: View) -> View:
        _views[view] = TakenFiles(field, body, files, receive)
        return view

    return mark


def init_bodies(app: Flask) -> None:
    """Bound the bodies of all requests."""
    app.request_class = BoundedRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = _FIELDS
    app.config["MAX_FORM_MEMORY_SIZE"] = _HELD + _FILES * _HELD_OF_A_FILE

    @app.url_value_preprocessor
    def let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        # Runs before anything reads the form.
        taken = _views.get(current_app.view_functions.get(endpoint or "", init_bodies))
        if taken is None or request.method != "POST" or request.mimetype != "multipart/form-data":
            return
        if current_user.is_authenticated:
            cast(BoundedRequest, request).take(taken)
