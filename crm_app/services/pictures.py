"""How large a picture is once it is shown: a small file may unfold to gigabytes. Only its header is read."""

from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 50_000_000
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# What the readers of formats raise when a header is broken; they know no common error.
_BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, OverflowError, EOFError, IndexError, KeyError)


def pixels_of(file: BinaryIO, media_type: str) -> int | None:
    """Width times height, at least one more than `MAX_PIXELS` where it is far beyond; `None` for what is no such
    picture.
    """
    try:
        with Image.open(file, formats=[_FORMATS[media_type]]) as picture:
            width, height = picture.size
    except _TOO_LARGE:
        return MAX_PIXELS + 1
    except _BROKEN:
        return None
    return width * height
