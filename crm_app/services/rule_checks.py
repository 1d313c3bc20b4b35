"""Every rule in the definitions names what there is and gives what its place asks for, or nothing is published."""

from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.definitions.rule_places import rule_places
from crm_app.fields.formula import FormulaConfig
from crm_app.kernel.errors import Invalid, Problem
from crm_app.rules.errors import RuleError
from crm_app.services.decision_checks import decision_problems
from crm_app.services.field_infos import FieldInfos
from crm_app.services.live import Schema
from crm_app.services.pipeline_rules import pipeline_problems


def rule_problems(package: Package) -> Iterator[Problem]:
    book = Schema(0, package).rules
    wrong: set[str] = set()
    for place in rule_places(package):
        try:
            book.of(place.object, place.text, place.expect)
        except RuleError as error:
            wrong.add(place.path.partition("/config/")[0])
            yield Problem(place.path, str(error))
    for path, error in _computed_problems(package):
        if path.partition("/config/")[0] not in wrong:
            wrong.add(path)
            yield Problem(path, str(error))
    if not wrong:
        yield from pipeline_problems(package, book)
        yield from decision_problems(package, book)


def _computed_problems(package: Package) -> Iterator[tuple[str, RuleError]]:
    """Formulas that give no value, rollups over nothing, and both where they would be worked out from themselves."""
    infos = FieldInfos(package)
    for definition in package.objects:
        for field in definition.computed_fields:
            try:
                _ = infos[definition.name][field.name]
            except RuleError as error:
                part = "formula" if isinstance(field.own_settings, FormulaConfig) else "relation"
                yield f"objects/{definition.name}/fields/{field.name}/config/{part}", error


def require_sound_rules(package: Package) -> None:
    problems = list(rule_problems(package))
    if problems:
        raise Invalid("These definitions can't be published.", problems)
