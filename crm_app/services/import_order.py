"""Lines in the order in which they can be saved: what an object's own records point at comes first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from crm_app.fields.many_to_many import SEPARATOR
from crm_app.services.import_lines import Wish, folded
from crm_app.services.import_report import FileReport
from crm_app.services.import_writing import BATCH


def batches(wishes: Iterable[Wish]) -> Iterator[list[Wish]]:
    batch: list[Wish] = []
    for wish in wishes:
        batch.append(wish)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def parents_first(
    wishes: Iterable[Wish], relations: Sequence[str], name_field: str, report: FileReport
) -> Iterator[list[Wish]]:
    """Needs the whole file at once. Lines that point at each other in a circle can't be put in order: refused."""
    everything = list(wishes)
    names = {name: wish for wish in everything for name in _names(wish, name_field)}
    children: dict[int, list[Wish]] = defaultdict(list)
    missing: dict[int, int] = {}
    for wish in everything:
        parents = {names[name].line for name in _targets(wish, relations) if name in names}
        missing[wish.line] = len(parents)
        for parent in parents:
            children[parent].append(wish)
    level = [wish for wish in everything if not missing[wish.line]]
    while level:
        yield from batches(level)
        following: list[Wish] = []
        for child in (child for wish in level for child in children[wish.line]):
            missing[child.line] -= 1
            if not missing[child.line]:
                following.append(child)
        level = following
    for wish in everything:
        if missing[wish.line]:
            report.refused(wish.line, "It points at itself, directly or through other lines.")


def _names(wish: Wish, name_field: str) -> set[str]:
    return {wish.key, folded(str(wish.values.get(name_field) or ""))} - {""}


def _targets(wish: Wish, relations: Sequence[str]) -> set[str]:
    cells = [str(wish.values.get(field) or "") for field in relations]
    return {folded(part) for cell in cells for part in (cell, *cell.split(SEPARATOR))} - {""}
