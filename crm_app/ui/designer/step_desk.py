"""Which rule an input of a step's panel holds: what it may name is what the step knows where it stands."""

from functools import partial

from crm_app.automation.drafting import Scene, scene_of
from crm_app.automation.step_type import Asked, Place
from crm_app.fields.rule_type import BOOL
from crm_app.kernel.errors import NotFound
from crm_app.services import drafts
from crm_app.services.rule_trials import record_name
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.designer.panel_data import Part, part_of, with_text
from crm_app.ui.designer.tree_data import Drawing
from crm_app.ui.rules.desk import Desk

_UNSURE = "x"


def step_desk(work: UnitOfWork, name: str, chosen: str, place: str) -> Desk:
    """`place` is the setting that holds the rule. The step is checked with something in that setting, so that it says
    itself what belongs there.
    """
    scene = scene_of(work, drafts.read_draft(work), name)
    drawing = Drawing(scene, scene.examined())
    part = part_of(drawing, chosen)
    asked = _asked(scene, drawing, part, place)
    definition = scene.package.by_name.get(asked.object)
    if definition is None:
        raise NotFound("There is no such object to write a rule about.")
    tables = {each.name: each.label for each in scene.package.live.decisions if each.object == asked.object}
    rules = scene.schema.rules
    return Desk(definition, asked.expect, rules, partial(record_name, work), tables, variables=asked.variables)


def _asked(scene: Scene, drawing: Drawing, part: Part, setting: str) -> Asked:
    found: Place | None = drawing.found.places.get(part.path)
    if found and setting in found.asked:
        return found.asked[setting]
    body = with_text(scene.body, part, setting, _UNSURE)
    tried = scene.trying(body).examined().places.get(part.path)
    if tried and setting in tried.asked:
        return tried.asked[setting]
    known = tried or found
    expect = BOOL if setting.rpartition("/")[2] == "when" else None
    return Asked(scene.definition.trigger.object, expect, known.variables if known else {})
