"""Policy lines in words, for whoever asks why. What a rule names and the asker may not see stays unsaid."""

from crm_app.access.explain import Line
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.role import ADMIN
from crm_app.rules.errors import RuleError
from crm_app.rules.reading import reading
from crm_app.services.unit_of_work import UnitOfWork

_REACHES = {
    "own": "that they own",
    "team": "that they or their team own",
    "team_below": "that they, their team or a team below it own",
    "territory": "in their territories",
    "territory_below": "in their territories and those below",
}
_VERBS = {"administer": "administer", "share": "share", "bulk": "change many at once of", "transfer": "give away"}


def verb_words(action: str) -> str:
    return _VERBS.get(action, action)


def role_words(work: UnitOfWork, role: str) -> str:
    if role == ADMIN:
        return "Administrator"
    return next((each.label for each in work.schema.stored.roles if each.name == role), role)


def which_words(work: UnitOfWork, definition: ObjectDefinition, line: Line) -> str:
    """`deals that they or their team own`, `deals of which this is true: Size is less than 10`."""
    plural = definition.plural.lower()
    if line.scope == "all":
        return f"all {plural}"
    if line.rule:
        said = rule_words(work, definition.name, line.rule)
        return f"{plural} of which {f'this is true: {said}' if said else 'a rule of the administrator is true'}"
    return f"{plural} {_REACHES.get(line.scope, 'of a scope that nobody knows')}"


def rule_words(work: UnitOfWork, name: str, text: str) -> str:
    """Empty where the asker can't name all that it names, and where it can't be read any more."""
    try:
        rule = work.schema.rules.of(name, text).rule
    except RuleError:
        return ""
    if not all(field in (work.fields(owner) or ()) for owner, field in rule.dependencies.fields):
        return ""
    return reading(rule.tree, work)


def line_words(work: UnitOfWork, definition: ObjectDefinition, action: str, line: Line) -> str:
    """`As Sales rep they may read deals that they or their team own.`"""
    role, which = role_words(work, line.role), which_words(work, definition, line)
    match line.effect:
        case "allow":
            return f"As {role} they may {verb_words(action)} {which}."
        case "deny":
            return f"As {role} they may not {verb_words(action)} {definition.plural.lower()}."
        case _:
            return f"As {role} they may {verb_words(action)} only {which}."
