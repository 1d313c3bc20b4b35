"""Which encoding a text file is in."""

import codecs

from charset_normalizer import from_bytes

SAMPLE = 65_536
# By how common they are: short texts often fit several, and then the first of these is taken.
OLDER = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "gb18030", "big5", "euc_kr", "mac_roman",
)  # fmt: skip
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding_of(body: bytes) -> str:
    """UTF-8 where a mark or most of the lines say so; else the likeliest of the older ones. A few broken lines in a
    UTF-8 file do not make the rest of it unreadable. Where the guess is wrong, the mapping names the encoding.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    if _is_mostly_utf8(body):
        return "utf-8"
    odd = b"\n".join(line for line in body[: SAMPLE * 16].splitlines() if not line.isascii())[:SAMPLE]
    return _likeliest(odd)


def _likeliest(body: bytes) -> str:
    matches = list(from_bytes(body, cp_isolation=list(OLDER)))
    least = min((match.chaos for match in matches), default=0.0)
    fitting = {name for match in matches if match.chaos == least for name in match.could_be_from_charset}
    return next((name for name in OLDER if name in fitting), OLDER[0])


def _is_mostly_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        odd = [line for line in body.splitlines() if not line.isascii()]
        return sum(map(_is_utf8, odd)) * 2 > len(odd)
    return True


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
