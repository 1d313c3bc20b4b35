"""Every object's fields as rules see them, made when they are first asked for: most requests are about one object."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from threading import RLock

from crm_app.definitions.decision import DecisionDefinition
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.rule_type import RuleType, list_of, ref
from crm_app.rules.errors import RuleError
from crm_app.rules.scope import FieldInfo
from crm_app.services.computing import info_of, resolved

Infos = Mapping[str, FieldInfo]


class FieldInfos(Mapping[str, Infos]):
    """Of definitions whose formulas may still name anything: one that can't be worked out says so when it is asked
    for. Threads share it.
    """

    def __init__(self, package: Package) -> None:
        self._package = package
        self._made: dict[str, Infos] = {}
        self._open: list[tuple[str, str]] = []
        self._lock = RLock()

    def __getitem__(self, name: str) -> Infos:
        found = self._made.get(name)
        return self._made.setdefault(name, self._make(name)) if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._package.by_name)

    def __len__(self) -> int:
        return len(self._package.by_name)

    def fields(self, object: str, /) -> Infos | None:  # noqa: A002 - the product's word
        """`rules.scope.Scope`: everything that is defined."""
        return self.get(object)

    def decision(self, name: str, /) -> DecisionDefinition | None:
        """Likewise."""
        return self._package.by_decision.get(name)

    def _make(self, name: str) -> Infos:
        definition = self._package.by_name[name]
        own = {f.name: _info(name, f) for f in definition.all_fields.values() if not f.is_computed}
        back = {
            r.name: FieldInfo(r.name, list_of(ref(r.object.name)), r.object.plural, r.field.name)
            for r in self._package.related.get(name, ())
        }
        plain = {**back, **own, "id": FieldInfo("id", ref(name).required(), "Id")}
        computed = {f.name: f for f in definition.fields if f.is_computed}
        return _WithComputed(plain, computed, lambda field: self._worked_out(name, field)) if computed else plain

    def _worked_out(self, owner: str, field: FieldDefinition) -> FieldInfo:
        here = (owner, field.name)
        with self._lock:
            if here in self._open:
                circle = [*self._open[self._open.index(here) :], here]
                path = " → ".join(f"{each}.{name}" for each, name in circle)
                raise RuleError(f"'{field.name}' would be worked out from itself: {path}.", (0, 0), found=field.name)
            self._open.append(here)
            try:
                return info_of(owner, field, self._package, self)
            finally:
                self._open.pop()


class _WithComputed(Mapping[str, FieldInfo]):
    """An object's fields, of which the computed ones are worked out one by one: they may name each other."""

    def __init__(
        self,
        plain: Mapping[str, FieldInfo],
        computed: Mapping[str, FieldDefinition],
        work_out: Callable[[FieldDefinition], FieldInfo],
    ) -> None:
        self._known = dict(plain)
        self._computed = computed
        self._work_out = work_out

    def __getitem__(self, name: str) -> FieldInfo:
        found = self._known.get(name)
        return self._known.setdefault(name, self._work_out(self._computed[name])) if found is None else found

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._computed

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, **self._computed})

    def __len__(self) -> int:
        return len({**self._known, **self._computed})


def with_results(package: Package, infos: FieldInfos) -> Package:
    """The same definitions with what their computed fields give. One that can't be worked out any more, after an
    upgrade say, stays an empty text.
    """
    if not any(field.is_computed for each in package.objects for field in each.fields):
        return package
    return package.with_kind("objects", [object_with_results(each, package, infos) for each in package.objects])


def object_with_results(definition: ObjectDefinition, package: Package, infos: FieldInfos) -> ObjectDefinition:
    """One object of the package, likewise."""

    def known(field: FieldDefinition) -> FieldDefinition:
        if not field.is_computed:
            return field
        try:
            return resolved(definition.name, field, infos[definition.name][field.name], package)
        except RuleError:
            return field

    if not any(field.is_computed for field in definition.fields):
        return definition
    values = {name: getattr(definition, name) for name in ObjectDefinition.model_fields}
    fields = tuple(known(field) for field in definition.fields)
    return ObjectDefinition.model_construct(None, **{**values, "fields": fields})


def _info(owner: str, each: FieldDefinition) -> FieldInfo:
    options = each.settings.options if isinstance(each.settings, ChoiceConfig) else ()
    rule_type = _owned(each.rule_type, owner, each.name)
    return FieldInfo(each.name, rule_type, each.label, options={option.name: option.label for option in options})


def _owned(rule_type: RuleType, owner: str, name: str) -> RuleType:
    """Options know whose they are."""
    if rule_type.item is not None:
        return replace(rule_type, item=_owned(rule_type.item, owner, name))
    return replace(rule_type, object=owner, field=name) if rule_type.kind == "enum" else rule_type
