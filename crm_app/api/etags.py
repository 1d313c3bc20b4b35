"""A record's ETag is its version in quotes: `"3"`."""

import re

from crm_app.kernel.errors import Invalid, Problem

_TAG = re.compile(r'(?:W/)?"([0-9]{1,9})"', re.ASCII)
ANY = "*"


class BadPrecondition(Invalid):
    """`If-Match` holds something that no record was ever answered with."""

    code = "bad_precondition"


def etag(version: int) -> str:
    return f'"{version}"'


def required_version(if_match: str | None) -> int | None:
    """The version that the change was made from; `None` when the caller doesn't say. Proxies that compress mark a tag
    as weak (`W/"3"`), so a weak one counts.
    """
    if if_match is None or if_match.strip() == ANY:
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        message = 'Expected the ETag of the record as it was read, such as "3" with its quotes.'
        raise BadPrecondition("The precondition can't be used.", [Problem("If-Match", message)])
    return int(found.group(1))


def is_unchanged(if_none_match: str | None, version: int) -> bool:
    """Whether the caller already holds this version."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == ANY or str(version) in _TAG.findall(if_none_match)
