"""Packages: a folder of definitions by kind, read as data and published as a whole."""

from pathlib import Path

from crm_app.definitions.check import Check
from crm_app.definitions.diff import Change
from crm_app.definitions.load import BadDefinition, load_definition, load_package
from crm_app.definitions.package import KINDS, Manifest, Package
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import NotFound, Problem
from crm_app.kernel.strict_json import BadJson, loads
from crm_app.services.definitions import publish
from crm_app.services.workspace import Workspace

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
        for file in sorted((folder / kind).glob("*.json")):
            path = f"{kind}/{file.name}"
            try:
                bodies[kind][path] = loads(file.read_bytes())
            except BadJson as error:
                problems.append(Problem(path, error.message))
    if problems:
        raise BadDefinition("The package can't be read.", problems)
    return load_package(bodies)


def read_manifest(folder: Path) -> Manifest:
    return load_definition(Manifest, loads((folder / "package.json").read_bytes()), "package.json")


def install_package(workspace: Workspace, folder: Path, more_checks: tuple[Check, ...] = ()) -> list[Change]:
    """Publishes the folder's definitions; nothing changes when they are live already."""
    manifest = read_manifest(folder)
    package = read_package(folder)
    with workspace.work(SystemActor(f"install package {manifest.name} {manifest.version}")) as work:
        return publish(work, package, more_checks)
