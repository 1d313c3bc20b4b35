"""What is known of an automation before it is published, and its versions; for administrators, over their drafts."""

from dataclasses import asdict
from typing import Any

from crm_app.api.call import Answer, Call
from crm_app.api.parameters import read_parameters
from crm_app.automation.comparing import compared
from crm_app.automation.drafting import Scene, scene_of
from crm_app.automation.history import Version, versions_of
from crm_app.automation.report import report_of
from crm_app.kernel.errors import NotFound
from crm_app.services.drafts import read_draft
from crm_app.services.publishers import publish_in_my_name, publishers
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()
_SIDES = frozenset({"before", "after"})
_DRAFT = "draft"


def read_report(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    scene = _scene(work, call)
    findings = report_of(scene)
    return Answer(
        {
            "is_safe": all(found.state != "bad" for found in findings),
            "problems": [asdict(each) for each in scene.examined().problems],
            "findings": [asdict(found) for found in findings],
        }
    )


def read_versions(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer({"versions": [_version(each) for each in versions_of(work, _scene(work, call).definition.name)]})


def read_difference(work: UnitOfWork, call: Call) -> Answer:
    given = read_parameters(call.query, _SIDES).single
    scene = _scene(work, call)
    bodies: dict[str, Any] = {_DRAFT: scene.body}
    bodies |= {str(each.number): each.body for each in versions_of(work, scene.definition.name)}
    sides = [given.get(side, _DRAFT) for side in ("before", "after")]
    missing = next((side for side in sides if side not in bodies), None)
    if missing is not None:
        raise NotFound(f"There is no version '{missing[:20]}' of this workflow.")
    return Answer({"blocks": [asdict(each) for each in compared(bodies[sides[0]], bodies[sides[1]])]})


def read_publisher(work: UnitOfWork, call: Call) -> Answer:
    """Nobody for one that came with a package or was applied by the command line."""
    read_parameters(call.query, _NONE)
    found, name = publishers(work), call.path["automation"]
    if all(each.name != name for each in work.catalog.automations):
        raise NotFound("There is no such live workflow.")
    return Answer({"publisher": asdict(found[name]) if name in found else None})


def take_publisher(work: UnitOfWork, call: Call) -> Answer:
    call.require_nothing()
    publish_in_my_name(work, [call.path["automation"]])
    return read_publisher(work, call)


def _scene(work: UnitOfWork, call: Call) -> Scene:
    return scene_of(work, read_draft(work), call.path["automation"])


def _version(found: Version) -> dict[str, Any]:
    return {"version": found.number, "at": found.at.isoformat(), "by": found.by, "is_live": found.is_live}
