"""What a duplicate rule found, as a form shows it, and what is passed once somebody has seen it."""

from collections.abc import Collection, Sequence
from typing import TypedDict

from crm_app.kernel.errors import TrellisError
from crm_app.services.duplicates import Duplicate, DuplicatesFound, Passes
from crm_app.ui.address import record_path

_MORE = "*"


class Alike(TypedDict):
    """A record that is there already, with what of it is the same; without a link, a sentence about those unseen."""

    key: str
    said: str
    name: str
    href: str


def alikes(refusal: TrellisError) -> list[Alike]:
    found: list[Alike] = []
    for index, each in enumerate(refusal.details["duplicates"]):
        found += [
            Alike(
                key=_key(each["rule"], record["id"]),
                said=each["label"],
                name=record["name"],
                href=record_path(record["object"], record["id"]),
            )
            for record in each["records"]
        ]
        if not each["records"]:
            found.append(Alike(key=each["rule"], said=refusal.problems[index].message, name="", href=""))
    return found


def seen_in(refusal: TrellisError) -> list[str]:
    """What the person has been told of, where it is only a warning."""
    if refusal.code != DuplicatesFound.code:
        return []
    found = refusal.details["duplicates"]
    return [
        *(_key(each["rule"], record["id"]) for each in found for record in each["records"]),
        *(_key(each["rule"], _MORE) for each in found if each["has_more"]),
    ]


def leave_for(seen: Collection[str]) -> Passes:
    """For just what was seen: a value changed since may be like other records, which are told of first. Of very many
    that are alike not always the same few are named.
    """

    def passes(found: Sequence[Duplicate]) -> bool:
        return all(
            (each.has_more and _key(each.rule.name, _MORE) in seen)
            or all(_key(each.rule.name, str(record.id)) in seen for record in each.records)
            for each in found
        )

    return passes


def _key(rule: str, record: str) -> str:
    return f"{rule}:{record}"
