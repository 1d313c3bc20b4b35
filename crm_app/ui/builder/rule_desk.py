"""Which rule an input of the builder holds, and what it may name: all of the draft."""

from dataclasses import replace
from functools import partial

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.formula import FIELD_TYPE as FORMULA_TYPE
from crm_app.fields.rule_type import BOOL, RuleType
from crm_app.kernel.errors import NotFound
from crm_app.rules.value_words import NO_FIELDS
from crm_app.services import drafts
from crm_app.services.computing import info_of, resolved
from crm_app.services.live import Schema
from crm_app.services.rule_trials import record_name
from crm_app.services.rulebook import Rulebook
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.builder_data import View
from crm_app.ui.rules.desk import Desk

_DEFAULT, _FORMULA = "default", "formula"


def rule_desk(work: UnitOfWork, view: View, place: str) -> Desk:
    """`place` is the setting that holds the rule; `config/where@deal_company` is about the records of that list."""
    setting, _, over = place.partition("@")
    package = drafts.drafted(work, drafts.read_draft(work)).live
    scope = Schema(0, package).rules
    name = _listed(scope, view.name, over) if over else view.name
    definition = next((each for each in package.objects if each.name == name), None)
    if definition is None:
        raise NotFound("There is no such object to write a rule about.")
    tables = {each.name: each.label for each in package.decisions if each.object == name}
    found = Desk(definition, _expected(definition, view, setting), scope, partial(record_name, work), tables)
    return replace(found, gives=partial(_gives, name, package, scope)) if _is_formula(setting) else found


def _gives(name: str, package: Package, scope: Rulebook, text: str) -> str:
    """Refuses a formula whose values no field can show."""
    field = FieldDefinition(name="formula", label="Formula", type=FORMULA_TYPE.name, config={"formula": text})
    return resolved(name, field, info_of(name, field, package, scope), package).result_words


def _listed(scope: Rulebook, owner: str, name: str) -> str:
    """The object whose records a list of the owner holds."""
    info = (scope.fields(owner) or NO_FIELDS).get(name)
    return info.type.item.object if info and info.type.item else ""


def _expected(definition: ObjectDefinition, view: View, setting: str) -> RuleType | None:
    if setting == _DEFAULT:
        field = definition.all_fields.get(view.chosen)
        return field.rule_type if field else None
    return None if _is_formula(setting) else BOOL


def _is_formula(setting: str) -> bool:
    return setting.rpartition("/")[2] == _FORMULA
