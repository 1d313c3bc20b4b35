"""Territories as text: a line each, with what it lies in and the addresses of who looks after it. A folder without the
file says nothing of territories; one with it says all of them.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from crm_app.definitions.load import BadDefinition
from crm_app.definitions.texts import shown
from crm_app.kernel.errors import Conflict, Invalid, Problem
from crm_app.services.definition_files import NoDefinitionFile, read_definition
from crm_app.services.definitions import require_may_publish
from crm_app.services.territories import in_order, remove_territory, save_territory, set_members, territories
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import UserRow, table_of

FOLDER = "policies/territories"
TREE = f"{FOLDER}/tree.csv"
HEADER = ["territory", "lies in", "looked after by"]
_USERS = table_of(UserRow)


@dataclass(frozen=True)
class Line:
    """`inside` is the name of the one that it lies in, `people` are addresses; both may be empty."""

    name: str
    inside: str = ""
    people: tuple[str, ...] = ()


def territory_files(work: UnitOfWork) -> dict[str, str]:
    """Path → text; nothing where there is no territory."""
    lines = _stored(work)
    if not lines:
        return {}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([HEADER, *([each.name, each.inside, " ".join(each.people)] for each in lines)])
    return {TREE: text.getvalue()}


def read_territories(folder: Path) -> Sequence[Line] | None:
    """`None` where the folder says nothing of them; refuses with every line that can't be."""
    file = folder / TREE
    if (folder / FOLDER).is_symlink() or not (file.is_symlink() or file.exists()):
        return None
    try:
        rows = list(csv.reader(io.StringIO(read_definition(file).decode()), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoDefinitionFile(f"{TREE} is no table: {error}.") from error
    lines = [Line(row[0], row[1], tuple(sorted(row[2].lower().split()))) for row in rows[1:] if len(row) == len(HEADER)]
    if problems := [*_misshapen(rows), *_wrong(lines)]:
        raise BadDefinition(f"The folder {folder} can't be read.", problems)
    return lines


def is_tree(file: Path) -> bool:
    """Whether it is ours to replace."""
    return read_definition(file).split(b"\n")[0].strip() == ",".join(HEADER).encode()


def territory_changes(work: UnitOfWork, wanted: Sequence[Line] | None) -> list[str]:
    """What applying them would change, a sentence each."""
    require_may_publish(work)
    if wanted is None:
        return []
    _addresses(work, wanted)
    before, after = ({each.name: each for each in lines} for lines in (_stored(work), wanted))
    return [
        *(f"add territory {name}" for name in after if name not in before),
        *(f"change territory {name}" for name in after if name in before and before[name] != after[name]),
        *(f"remove territory {name}" for name in before if name not in after),
    ]


def apply_territories(work: UnitOfWork, wanted: Sequence[Line] | None) -> None:
    """Exactly these from now on. One in which records lie can't go; called otherwise, it is another one."""
    if wanted is None or not territory_changes(work, wanted):
        return
    people, lines = _addresses(work, wanted), {each.name: each for each in wanted}
    known = {each.name: each for each in territories(work)}
    names = {each.id: each.name for each in known.values()}
    gone = [each for each, _depth in in_order(known.values()) if each.name not in lines]
    for each in known.values():
        inside = lines[each.name].inside if each.name in lines else ""
        if each.parent is not None and names[each.parent] != inside:
            save_territory(work, each.name, None, each.id)
    ids = {name: each.id for name, each in known.items()}
    for each in sorted(wanted, key=lambda line: len(list(_above(lines, line.name)))):
        parent = ids.get(each.inside)
        if each.name not in known or (known[each.name].parent != parent):
            ids[each.name] = save_territory(work, each.name, parent, ids.get(each.name))
        set_members(work, ids[each.name], {people[address] for address in each.people})
    for each in gone:
        try:
            remove_territory(work, each.id)
        except Conflict as refusal:
            raise Conflict(f"Territory '{each.name}': {refusal.message}") from refusal


def _stored(work: UnitOfWork) -> list[Line]:
    found = territories(work)
    names = {each.id: each.name for each in found}
    users = {user for each in found for user in each.members}
    rows = work.connection.execute(select(_USERS.c.id, _USERS.c.email).where(_USERS.c.id.in_(users)))
    emails: dict[UUID, str] = {row.id: row.email for row in rows}
    return [
        Line(each.name, names[each.parent] if each.parent else "", tuple(sorted(emails[user] for user in each.members)))
        for each, _depth in in_order(found)
    ]


def _addresses(work: UnitOfWork, wanted: Sequence[Line]) -> Mapping[str, UUID]:
    asked = {address for each in wanted for address in each.people}
    rows = work.connection.execute(select(_USERS.c.email, _USERS.c.id).where(_USERS.c.email.in_(asked)))
    found: dict[str, UUID] = {row.email: row.id for row in rows}
    if missing := sorted(asked - found.keys()):
        problems = [Problem(TREE, f"Nobody has the address '{shown(address)}'.") for address in missing]
        raise Invalid("The territories can't be applied.", problems)
    return found


def _misshapen(rows: Sequence[Sequence[str]]) -> Iterator[Problem]:
    if not rows or list(rows[0]) != HEADER:
        yield Problem(f"{TREE}:1", f"The first line is: {','.join(HEADER)}.")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(HEADER):
            yield Problem(f"{TREE}:{number}", f"It has {len(row)} cells in place of {len(HEADER)}.")


def _wrong(lines: Sequence[Line]) -> Iterator[Problem]:
    counts, known = Counter(each.name for each in lines), {each.name: each for each in lines}
    yield from (Problem(TREE, f"'{shown(name)}' stands there {n} times.") for name, n in counts.items() if n > 1)
    for each in known.values():
        if each.inside and each.inside not in known:
            yield Problem(TREE, f"'{shown(each.name)}' lies in '{shown(each.inside)}', which isn't there.")
        elif each.name in list(_above(known, each.name)):
            yield Problem(TREE, f"'{shown(each.name)}' lies in itself, directly or not.")


def _above(lines: Mapping[str, Line], name: str) -> Iterator[str]:
    """The names of all that it lies in; in a circle each once."""
    at, seen = lines[name].inside, set[str]()
    while at in lines and at not in seen:
        seen.add(at)
        yield at
        at = lines[at].inside
