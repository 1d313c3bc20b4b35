"""What depends on an object or a field: every rule that names it, across relations too, and everything else in the
definitions that does. Plans, the builder and the API ask here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from crm_app.definitions.automation import AutomationDefinition, steps_within
from crm_app.definitions.package import Package
from crm_app.definitions.pipeline import since_name
from crm_app.definitions.renaming import named_in
from crm_app.definitions.rollups import rollups
from crm_app.definitions.rule_places import rule_places
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.rules.errors import RuleError
from crm_app.rules.rule import Rule
from crm_app.services.in_person import is_administrator
from crm_app.services.live import Schema
from crm_app.services.place_words import place_words
from crm_app.services.renames import AutomationRules
from crm_app.services.rulebook import Rulebook
from crm_app.services.unit_of_work import UnitOfWork

Thing = tuple[str, str]
"""An object and its field; an empty field is the object itself."""


@dataclass(frozen=True)
class Use:
    """A place that depends on something. `rule` is its text, where it is a rule; `through` are the computed fields by
    which it depends, the nearest first, and is empty where the place names the thing itself.
    """

    path: str
    label: str
    rule: str = ""
    through: tuple[str, ...] = ()


class Impact:
    """Of the live definitions of a package. A rule that is wrong depends on nothing."""

    def __init__(self, package: Package, automation_rules: AutomationRules, rules: Rulebook | None = None) -> None:
        self._package = package.live
        self._places: dict[Thing, dict[str, str]] = defaultdict(dict)
        self._read_rules(rules or Schema(0, self._package).rules)
        self._read_names()
        for automation in self._package.automations:
            self._read_automation(automation, automation_rules(automation, self._package))

    def of(self, thing: Thing) -> list[Use]:
        """Outside of its own definition; for an object also what depends on its fields. Direct uses come first."""
        owner, field = thing
        home = f"objects/{owner}/fields/{field}/" if field else f"objects/{owner}/"
        things = [thing] if field else [each for each in self._places if each[0] == owner]
        found: dict[str, Use] = {}
        for use in (use for each in things for use in self._reached(each, ())):
            if not use.path.startswith(home) and len(use.through) <= len(found.get(use.path, use).through):
                found[use.path] = use
        return sorted(found.values(), key=lambda use: (len(use.through), use.path))

    def _reached(self, thing: Thing, through: tuple[str, ...]) -> Iterator[Use]:
        """What depends on a computed field does so on what it is computed from."""
        for path, text in self._places.get(thing, {}).items():
            yield Use(path, place_words(self._package, path), text, through)
            match path.split("/"):
                case ["objects", owner, "fields", field, "config", *_] if thing[1]:
                    name = f"objects/{owner}/fields/{field}"
                    if name not in through and (owner, field) != thing:
                        yield from self._reached((owner, field), (*through, name))
                case _:
                    pass

    def _read_rules(self, rules: Rulebook) -> None:
        for place in rule_places(self._package):
            try:
                rule = rules.of(place.object, place.text, place.expect).rule
            except RuleError:
                continue
            self._note_rule(place.path, replace(rule, text=place.cell or place.text))

    def _note_rule(self, path: str, rule: Rule) -> None:
        for owner, name in rule.dependencies.fields:
            self._note(owner, name, path, rule.text)

    def _read_names(self) -> None:
        for kind, definition in self._package.definitions():
            body = definition.canonical()
            for at, owner, name in named_in(kind, body):
                self._note(owner, name, f"{kind}/{definition.name}/{at}")

        for each in rollups(self._package):
            if each.settings.field and each.related:
                self._note(each.related, each.settings.field, f"{each.path}/config/field")

    def _read_automation(self, automation: AutomationDefinition, rules: Mapping[str, Rule]) -> None:
        """What a step sets is named by the keys of its `values`, also in what it makes of a record."""
        path = f"automations/{automation.name}"
        for at, rule in rules.items():
            self._note_rule(f"{path}/{at}", rule)
        for at, step in steps_within(automation.canonical()):
            record = rules.get(f"{at}/record")
            target = step.get("object") or (record.type.object if record else automation.trigger.object)
            values = step.get("values")
            for key in cast("dict[str, Any]", values) if isinstance(values, dict) else ():
                self._note(str(target), key, f"{path}/{at}/values/{key}")
            self._read_conversion(step, str(target), f"{path}/{at}")

    def _read_conversion(self, step: Mapping[str, Any], source: str, path: str) -> None:
        for index, made in enumerate(step.get("makes") or ()):
            for part in ("match", "values", "links", "files"):
                named = cast("dict[str, Any]", made.get(part) or {})
                for key in named:
                    self._note(made["object"], key, f"{path}/makes/{index}/{part}/{key}")
        for index, move in enumerate(step.get("moves") or ()):
            self._note(source, move["list"], f"{path}/moves/{index}/list")

    def _note(self, owner: str, name: str, path: str, rule: str = "") -> None:
        self._places[self._thing(owner, name)].setdefault(path, rule)

    def _thing(self, owner: str, name: str) -> Thing:
        """What rules call related records is the field by which they point here, and the time since which a record is
        in its stage is the stage's.
        """
        related = next((each for each in self._package.related.get(owner, ()) if each.name == name), None)
        if related is not None:
            return related.object.name, related.field.name
        definition = self._package.by_name.get(owner)
        driven = next((each for each in definition.driven if since_name(each) == name), "") if definition else ""
        return owner, driven or name


def impact(work: UnitOfWork, thing: Thing, automation_rules: AutomationRules) -> list[Use]:
    """Of what is live. Only an administrator is told: the text of a rule names what others may not see."""
    if not is_administrator(work):
        raise Forbidden("Only an administrator is told what depends on a field.")
    owner, field = thing
    definition = work.definition(owner)
    if field and field not in definition.all_fields:
        raise NotFound(f"{definition.plural} have no field '{field[:50]}'.")
    return Impact(work.schema.package, automation_rules, work.schema.rules).of(thing)
