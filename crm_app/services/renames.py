"""Renaming an object or a field: all that names it is rewritten along, and published with it or not at all."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from crm_app.definitions.automation import WORKSPACE_CHOOSES, AutomationDefinition, steps_within
from crm_app.definitions.load import load_definition
from crm_app.definitions.model import Definition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import KINDS, Package
from crm_app.definitions.renaming import at, call_field, call_object, names_after, rename_in
from crm_app.definitions.rollups import rollups
from crm_app.definitions.rule_places import RulePlace, rule_places
from crm_app.kernel.errors import Invalid, NotFound
from crm_app.rules.decision_cells import cell_text
from crm_app.rules.errors import RuleError
from crm_app.rules.printer import print_rule
from crm_app.rules.renaming import Names, renamed
from crm_app.rules.rule import Rule
from crm_app.services.live import Schema
from crm_app.services.rulebook import Rulebook
from crm_app.services.unit_of_work import UnitOfWork

AutomationRules = Callable[[AutomationDefinition, Package], Mapping[str, Rule]]
Body = dict[str, Any]


def rename(work: UnitOfWork, package: Package, path: str, new_name: str, automation_rules: AutomationRules) -> Package:
    """The definitions to publish so that `objects/deal` or `objects/deal/fields/amount` has the new name. `package` are
    changes that are not published yet.
    """
    everything = work.schema.stored.merged(package)
    definition, field = _found(everything, path)
    siblings = definition.fields if field else everything.objects
    if new_name in {each.name for each in siblings}:
        raise Invalid(f"There is '{new_name}' already, live or archived. Choose another name.")
    objects = {} if field else {definition.name: new_name}
    names = names_after(everything, objects, {(definition.name, field): new_name} if field else {})
    bodies = _rewritten(everything, objects, names, automation_rules)
    own = ("objects", definition.name)
    if field:
        bodies[own] = call_field(bodies[own], definition.all_fields[field], new_name)
    else:
        bodies[own] = call_object(bodies[own], definition, new_name)
    before = {(kind, each.name): each.canonical() for kind, each in work.schema.stored.definitions()}
    kinds: dict[str, list[Definition]] = {kind: [] for kind in KINDS}
    for (kind, name), body in bodies.items():
        if before.get((kind, name)) != body:
            kinds[kind].append(load_definition(KINDS[kind], body, f"{kind}/{name}"))
    return Package.of(kinds)


def no_rules(_automation: AutomationDefinition, _package: Package) -> Mapping[str, Rule]:
    return {}


def _found(package: Package, path: str) -> tuple[ObjectDefinition, str]:
    match path.strip("/").split("/"):
        case ["objects", name]:
            field = ""
        case ["objects", name, "fields", field]:
            pass
        case _:
            raise Invalid(f"'{path[:80]}' is neither objects/NAME nor objects/NAME/fields/NAME.")
    definition = next((each for each in package.objects if each.name == name), None)
    if definition is None or (field and field not in {each.name for each in definition.fields}):
        raise NotFound(f"There is no '{path[:80]}'.")
    return definition, field


def _rewritten(
    package: Package, objects: Mapping[str, str], names: Names, automation_rules: AutomationRules
) -> dict[tuple[str, str], Body]:
    """Every definition with what it names called otherwise; only the thing's own name is still the old one."""
    bodies = {(kind, each.name): each.canonical() for kind, each in package.definitions()}
    live, everything = package.live, package.opened
    book, whole_book = Schema(0, live).rules, Schema(0, everything).rules
    known = {place.path for place in rule_places(live)}
    for place in rule_places(live):
        _rewrite(bodies, place, book, names)
    for place in rule_places(everything):
        if place.path not in known:
            with suppress(RuleError):  # what is archived may have been broken before: it is mended when it is restored
                _rewrite(bodies, place, whole_book, names)
    for automation in package.automations:
        key = ("automations", automation.name)
        around = everything if automation.archived else live
        rules = automation_rules(automation, around)
        for path, rule in rules.items():
            bodies[key] = _with_rule(bodies[key], path, rule, names)
        bodies[key] = _with_keys(bodies[key], rules, names, around)
    for each in rollups(package):
        called = names.get((each.related, each.settings.field))
        if called:
            place = f"fields/{each.field}/config/field"
            bodies["objects", each.object] = at(
                bodies["objects", each.object], place, lambda _old, called=called: called
            )
    return {(kind, name): rename_in(kind, body, objects, names) for (kind, name), body in bodies.items()}


def _rewrite(bodies: dict[tuple[str, str], Body], place: RulePlace, book: Rulebook, names: Names) -> None:
    kind, name, rest = place.path.split("/", 2)
    rule = book.of(place.object, place.text, place.expect).rule
    bodies[kind, name] = _with_rule(bodies[kind, name], rest, rule, names, place.cell, place.prefix)


def _with_rule(body: Body, place: str, rule: Rule, names: Names, cell: str = "", prefix: str = "") -> Body:
    """Only a rule that names it is written anew; the others keep the words of their author."""
    after = renamed(rule.tree, names)
    if after == rule.tree:
        return body
    text = cell_text(cell, after) if cell else prefix + print_rule(after)
    return at(body, place, lambda _old: text)


def _with_keys(body: Body, rules: Mapping[str, Rule], names: Names, around: Package) -> Body:
    """What a step sets or finds a record by is named by keys; what it links, adds up or sorts by, by a `field`."""
    for place, step in list(steps_within(body)):
        record = rules.get(f"{place}/record")
        if step["type"] in WORKSPACE_CHOOSES and not step.get("object"):
            continue
        target = step.get("object") or (record.type.object if record else body["trigger"]["object"])
        body = _fields_called(body, place, target, names)
        body = _conversion_called(body, place, step, target, (names, around))
    return _fields_called(body, "trigger", body["trigger"]["object"], names)


def _conversion_called(
    body: Body, place: str, step: Mapping[str, Any], source: str, known: tuple[Names, Package]
) -> Body:
    """What a step makes of a record has fields of its own; what is moved is named after who points, and by what."""
    names, around = known
    lists = {each.name: each.object.name for each in around.related.get(source, ())}
    for index, made in enumerate(step.get("makes") or ()):
        here = f"{place}/makes/{index}"
        body = _fields_called(body, here, made["object"], names)
        body = at(body, f"{here}/files", lambda found: {k: names.get((source, v), v) for k, v in found.items()})
    for index, move in enumerate(step.get("moves") or ()):
        here, owner = f"{place}/moves/{index}", lists.get(move["list"], "")
        body = at(body, f"{here}/list", lambda found: names.get((source, found), found))
        body = at(body, f"{here}/field", lambda found, owner=owner: names.get((owner, found), found))
    return body


def _fields_called(body: Body, place: str, owner: str, names: Names) -> Body:
    def keys(found: Any) -> Any:
        known = cast("Body", found)
        return (
            {names.get((owner, key), key): value for key, value in known.items()} if isinstance(found, dict) else found
        )

    def name(found: Any) -> Any:
        return names.get((owner, found), found) if isinstance(found, str) else found

    for part in ("values", "match", "links", "files"):
        body = at(body, f"{place}/{part}", keys)
    for part in ("field", "order/*/field"):
        body = at(body, f"{place}/{part}", name) if place != "trigger" else body
    return body
