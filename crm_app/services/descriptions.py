"""What of an object's definition an actor may know: nothing in it names what is closed to them."""

from collections.abc import Mapping
from typing import Any

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.layout import Layout
from crm_app.definitions.object import DuplicateRule, ObjectDefinition, ValidationRule
from crm_app.definitions.package import Related
from crm_app.definitions.pipeline import Gate
from crm_app.definitions.rule_places import RulePlace, rules_of_object
from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.services.layouts import Arrangement, arranged
from crm_app.services.objects import readable_targets
from crm_app.services.record_rules import RecordRules
from crm_app.services.unit_of_work import UnitOfWork

Body = dict[str, Any]
_TARGETS = ("object", "objects")
_RELATION, _OF_RELATED = "relation", ("field", "where")


class Description:
    """One object as one actor may know it. A rule that names something closed is left out as if there were none."""

    def __init__(self, work: UnitOfWork, definition: ObjectDefinition) -> None:
        self.definition = definition
        self._work = work
        self._known: dict[str, frozenset[str]] = {}
        self.names = self._open(definition.name)
        self._closed = {place.path for place in rules_of_object(definition) if not self._is_open(place)}

    def targets(self, field: FieldDefinition) -> list[str]:
        return readable_targets(self._work, field)

    def config(self, field: FieldDefinition) -> Body:
        """Without the objects that this actor can't read, and without rules that name something closed."""
        path = self._path(f"fields/{field.name}/config")
        found = {key: value for key, value in field.config.items() if f"{path}/{key}" not in self._closed}
        if _RELATION in found and not self._is_open_over(found):
            found = {key: value for key, value in found.items() if key not in (_RELATION, *_OF_RELATED)}
        targets = self.targets(field)
        if len(targets) < len(field.targets):
            found = {key: value for key, value in found.items() if key not in _TARGETS}
            return {**found, "objects": targets} if field.is_to_any else found
        return found

    def default(self, field: FieldDefinition) -> Any:
        return None if self._path(f"fields/{field.name}/default/rule") in self._closed else field.default

    def conditions(self, field: FieldDefinition) -> Mapping[str, str]:
        """The rules that decide whether it is visible, required or read-only."""
        path = self._path(f"fields/{field.name}")
        return {name: text for name, text in field.conditions.items() if f"{path}/{name}" not in self._closed}

    def rule(self, path: str, text: str) -> str:
        """The rule at a path within the object; empty where there is none to know of."""
        return "" if self._path(path) in self._closed else text.strip()

    def gate(self, path: str, gate: Gate | None) -> Gate | None:
        if gate is None:
            return None
        required = tuple(name for name in gate.required if name in self.names)
        rule = self.rule(f"{path}/rule", gate.rule)
        found = Gate(rule=rule, message=gate.message if rule else "", required=required)
        return found if rule or required else None

    def validation_rules(self) -> list[ValidationRule]:
        return [
            rule
            for index, rule in enumerate(self.definition.validation_rules)
            if self.rule(f"validation_rules/{index}/when", rule.when) and (not rule.field or rule.field in self.names)
        ]

    def duplicate_rules(self) -> list[DuplicateRule]:
        """Those of which this actor may know all that they compare."""
        return [
            rule
            for rule in self.definition.duplicate_rules
            if self.names.issuperset(rule.match)
            and (not rule.when.strip() or self.rule(f"duplicate_rules/{rule.name}/when", rule.when))
        ]

    def layouts(self) -> list[tuple[Layout, Arrangement]]:
        """Those that are for this actor's roles, in the order in which they are tried; the first that fits is used."""
        rules = RecordRules(self._work, self.definition)
        return [
            (layout, arranged(self._work, rules, layout))
            for layout in self.definition.all_layouts
            if not layout.roles or not self._work.roles.isdisjoint(layout.roles)
        ]

    def related(self) -> dict[str, Related]:
        """What points at the object's records, by the name of its list."""
        found = self._work.catalog.related.get(self.definition.name, ())
        return {each.name: each for each in found if each.field.name in self._open(each.object.name)}

    def _is_open(self, place: RulePlace) -> bool:
        rule = self._work.schema.rules.of(place.object, place.text, place.expect).rule
        return all(name in self._open(owner) for owner, name in rule.dependencies.fields)

    def _is_open_over(self, config: Body) -> bool:
        """Whether the actor knows the related records that a config is about, and all that it says of them."""
        info = (self._work.fields(self.definition.name) or {}).get(config[_RELATION])
        related = info.type.item.object if info and info.type.item else ""
        if not self._open(related) or (config.get("field") and config["field"] not in self._open(related)):
            return False
        try:
            return not config.get("where") or bool(check(config["where"], related, self._work))
        except RuleError:
            return False

    def _open(self, name: str) -> frozenset[str]:
        if name not in self._known:
            self._known[name] = frozenset(self._work.fields(name) or ())
        return self._known[name]

    def _path(self, within: str) -> str:
        return f"objects/{self.definition.name}/{within}"
