"""Every rule in the definitions names what there is and gives what its place asks for, or nothing is published."""

from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.definitions.rule_places import rule_places
from crm_app.kernel.errors import Invalid, Problem
from crm_app.rules.errors import RuleError
from crm_app.services.decision_checks import decision_problems
from crm_app.services.live import Schema
from crm_app.services.pipeline_rules import pipeline_problems


def rule_problems(package: Package) -> Iterator[Problem]:
    book = Schema(0, package).rules
    is_sound = True
    for place in rule_places(package):
        try:
            book.of(place.object, place.text, place.expect)
        except RuleError as error:
            is_sound = False
            yield Problem(place.path, str(error))
    if is_sound:
        yield from pipeline_problems(package, book)
        yield from decision_problems(package, book)


def require_sound_rules(package: Package) -> None:
    problems = list(rule_problems(package))
    if problems:
        raise Invalid("These definitions can't be published.", problems)
