"""Packages: a folder of definitions by kind, read as data and published as a whole."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_app.definitions.check import Check
from crm_app.definitions.diff import Change
from crm_app.definitions.load import BadDefinition, load_definition, load_package
from crm_app.definitions.merge import merge
from crm_app.definitions.package import KINDS, Manifest, Package
from crm_app.definitions.upgrade import upgraded
from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.kernel.strict_json import loads
from crm_app.services.definition_files import definition_files, read_definition
from crm_app.services.definitions import How, publish
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.publication_tables import InstalledPackageRow
from crm_app.storage.system_tables import table_of

_INSTALLED = table_of(InstalledPackageRow)
SHIPPED = Path(__file__).resolve().parents[2] / "schemas" / "packages"


def shipped_package(name: str) -> Path:
    """The folder of a package that comes with the product."""
    folder = SHIPPED / name
    if not (folder / "package.json").is_file():
        known = ", ".join(sorted(path.parent.name for path in SHIPPED.glob("*/package.json")))
        raise NotFound(f"There is no package '{name}'. Shipped: {known}.")
    return folder


def read_package(folder: Path) -> Package:
    """Every definition in the folder; problems of all files are reported together, each with its file's path."""
    bodies: dict[str, dict[str, object]] = {}
    problems: list[Problem] = []
    for kind in KINDS:
        bodies[kind] = {}
        for file in definition_files(folder, kind):
            path = f"{kind}/{file.name}"
            try:
                bodies[kind][path] = loads(read_definition(file))
            except Invalid as error:
                problems.append(Problem(path, error.message))
    if problems:
        raise BadDefinition("The package can't be read.", problems)
    return load_package(bodies)


def read_manifest(folder: Path) -> Manifest:
    return load_definition(Manifest, loads((folder / "package.json").read_bytes()), "package.json")


@dataclass(frozen=True)
class Installed:
    """`kept` are the places that an administrator has changed otherwise than the package would; theirs stay."""

    changes: list[Change]
    kept: list[str]


def install_package(workspace: Workspace, folder: Path, more_checks: tuple[Check, ...] = ()) -> Installed:
    """Publishes what is new in the folder since it was last installed. What an administrator changed since then stays
    changed; where the two can't go together at all, everything stays as it is.
    """
    manifest = read_manifest(folder)
    package = read_package(folder)
    reason = f"install package {manifest.name} {manifest.version}"
    try:
        with workspace.work(SystemActor(reason)) as work:
            merged = merge(_last_installed(work, manifest.name), work.schema.stored, package)
            kept = [str(clash) for clash in merged.clashes]
            note = "; ".join([reason, *(f"kept {line}" for line in kept)])
            changes = publish(work, merged.package, more_checks, How(note=note[:2000]))
            _remember(work, manifest, package)
            return Installed(changes, kept)
    except Invalid as refusal:
        if not _is_installed(workspace, manifest.name):
            raise
        return Installed([], [f"the package {manifest.name} {manifest.version} does not fit: {refusal}"])


def _last_installed(work: UnitOfWork, name: str) -> Package:
    """Of a workspace from before this was kept, what is live: nobody could change it then."""
    bodies = work.connection.execute(select(_INSTALLED.c.bodies).where(_INSTALLED.c.name == name)).scalar_one_or_none()
    if bodies is None:
        return work.schema.stored
    found = {
        kind: [KINDS[kind].model_validate(upgraded(kind, body)) for body in bodies.get(kind, ())] for kind in KINDS
    }
    return Package.of(found)


def _remember(work: UnitOfWork, manifest: Manifest, package: Package) -> None:
    bodies = {kind: [definition.canonical() for definition in getattr(package, kind)] for kind in KINDS}
    row = {"name": manifest.name, "version": manifest.version, "at": clock.now(), "bodies": bodies}
    work.connection.execute(upsert(_INSTALLED).values(row).on_conflict_do_update(index_elements=["name"], set_=row))


def _is_installed(workspace: Workspace, name: str) -> bool:
    with workspace.reading(SystemActor("look for a package")) as work:
        found = work.connection.execute(select(_INSTALLED.c.version).where(_INSTALLED.c.name == name))
        return found.scalar_one_or_none() is not None
