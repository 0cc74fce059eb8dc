"""Pages travel compressed; what is sent piece by piece, and pictures, go as they are."""

from flask import Flask
from flask_compress import Compress

compress = Compress()

_SETTINGS = {
    "COMPRESS_MIMETYPES": ["text/html"],
    # The first that a browser takes: zstd costs a third of what the others do.
    "COMPRESS_ALGORITHM": ["zstd", "br", "gzip"],
    "COMPRESS_LEVEL": 4,
    # A file that streams must not wait in a compressor for the row that fills its window.
    "COMPRESS_STREAMS": False,
    "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": False,
}


def init_compression(app: Flask) -> None:
    """Compress answers; register it before whatever looks at the size of what is sent."""
    app.config.update(_SETTINGS)
    compress.init_app(app)
