"""When somebody else published meanwhile: their changes, yours, and both together where they don't clash."""

from dataclasses import dataclass

from crm_app.definitions.diff import Change, diff
from crm_app.definitions.merge import Clash, merge
from crm_app.definitions.package import KINDS, Package
from crm_app.definitions.settle import settled, whole
from crm_app.kernel.errors import Conflict, Problem
from crm_app.services.definition_store import live_version, state_at
from crm_app.services.live import load_schema
from crm_app.services.unit_of_work import UnitOfWork


class SomebodyPublished(Conflict):
    """Another admin published meanwhile. `problems` are the places where both changed the same; `details` has all of
    the difference: `theirs`, `yours` and `clashes`, as lines.
    """

    code = "somebody_published"


@dataclass(frozen=True)
class Rebased:
    """`package` holds both people's changes; what clashes is in it as it is live."""

    package: Package
    theirs: list[Change]
    yours: list[Change]
    clashes: list[Clash]
    live_version: int


def rebased(work: UnitOfWork, package: Package, base_version: int, *, is_whole: bool = False) -> Rebased:
    """The package, made from the definitions of `base_version`, on top of what is live now. What a whole package leaves
    out is in it, archived, so that it is published like any other.
    """
    version = live_version(work.connection)
    live = load_schema(work.connection, version).stored
    base = state_at(work.connection, base_version) if base_version else Package()
    wish = settled(base, whole(base, package) if is_whole else base.merged(package), {})
    named = {(kind, definition.name) for kind, definition in package.definitions()}
    mine = Package.of({
        kind: [d for d in getattr(wish, kind) if is_whole or (kind, d.name) in named]
        for kind in KINDS
    })  # fmt: skip
    merged = merge(base, live, mine)
    return Rebased(merged.package, diff(base, live), diff(base, wish), merged.clashes, version)


def somebody_published(work: UnitOfWork, package: Package, base_version: int, *, is_whole: bool) -> SomebodyPublished:
    """The refusal, with everything that the second of two admins needs to go on."""
    found = rebased(work, package, base_version, is_whole=is_whole)
    problems = [Problem(clash.path, f"both changed this; live is now {clash.theirs!r:.80}") for clash in found.clashes]
    advice = (
        "Your changes and theirs touch the same places: look at each and publish again."
        if problems
        else "Your changes and theirs don't touch the same places: they can be published together."
    )
    return SomebodyPublished(
        f"Somebody else published version {found.live_version} meanwhile. {advice}",
        problems,
        base=base_version,
        live=found.live_version,
        theirs=[str(change) for change in found.theirs],
        yours=[str(change) for change in found.yours],
        clashes=[str(clash) for clash in found.clashes],
    )
