"""What formula and rollup fields stand for: their rules, checked, and the kind of field that each is shown as."""

from crm_app.definitions.computed_field import ComputedField
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.package import Package
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.currency import CurrencyConfig
from crm_app.fields.formula import FormulaConfig
from crm_app.fields.rollup import RollupConfig
from crm_app.fields.rule_type import INT, RuleType
from crm_app.rules.check import check_tree
from crm_app.rules.errors import RuleError
from crm_app.rules.grammar import parse
from crm_app.rules.limits import formulas_deep, sql_parts
from crm_app.rules.rule import Rule
from crm_app.rules.scope import FieldInfo, Scope
from crm_app.rules.tree import Call, Computed, Literal, Name, Node, Quantifier

_ROUNDED = ("decimal", "money")
_SHOWN = {
    "bool": "boolean",
    "int": "number",
    "text": "text",
    "enum": "text",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "duration": "duration",
}
_MOST_DECIMALS = 6


def info_of(owner: str, field: FieldDefinition, package: Package, scope: Scope) -> FieldInfo:
    """How rules see the field. Refuses with `RuleError`."""
    rule = rule_of(owner, field, scope)
    needs = rule.dependencies
    computed = Computed(
        tree=rule.tree,
        reads=needs.reads,
        context=needs.context,
        size=sql_parts(rule.tree),
        depth=formulas_deep(rule.tree) + 1,
        is_rollup=isinstance(field.own_settings, RollupConfig),
    )
    base = _chosen_field(rule.type, package)
    options = base.settings.options if base is not None and isinstance(base.settings, ChoiceConfig) else ()
    labels = {option.name: option.label for option in options}
    return FieldInfo(field.name, rule.type, field.label, options=labels, computed=computed)


def rule_of(owner: str, field: FieldDefinition, scope: Scope) -> Rule:
    """Numbers and amounts keep the digits that the field says, so that what is shown is what is filtered by."""
    settings = field.own_settings
    if isinstance(settings, FormulaConfig):
        text, tree, decimals = settings.formula, parse(settings.formula), settings.decimals
        found = check_tree(tree, owner, scope, expect=None, text=text)
        _require_value(found)
        if found.type.kind not in _ROUNDED:
            return found
    elif isinstance(settings, RollupConfig):
        text, tree, decimals = "", _quantifier(settings), settings.decimals
        found = check_tree(tree, owner, scope, expect=None)
        if settings.function != "avg":
            return found
    else:
        raise TypeError(field.type)
    places = Literal(value=decimals, type=INT.required())
    return check_tree(Call(name="round", arguments=(tree, places)), owner, scope, expect=None, text=text)


def _quantifier(settings: RollupConfig) -> Node:
    return Quantifier(
        name=settings.function,
        source=Name(name=settings.relation),
        where=parse(settings.where) if settings.where.strip() else None,
        body=Name(name=settings.field) if settings.field else None,
    )


def _require_value(rule: Rule) -> None:
    kind = rule.type.kind
    if kind == "ref":
        hint = "" if not rule.type.object else f"{rule.text}.name"
        raise RuleError(
            "A formula gives a value, and this is a record: name one of its fields.", rule.tree.span, suggestion=hint
        )
    if kind not in (*_SHOWN, *_ROUNDED):
        raise RuleError(f"A formula gives one value that a field can show, and this is {rule.type}.", rule.tree.span)


def resolved(owner: str, field: FieldDefinition, info: FieldInfo, package: Package) -> ComputedField:
    """The field as everything that shows, filters and writes it sees it."""
    return ComputedField.of(field, _shown_as(owner, field, info, package), info.type)


def _shown_as(owner: str, field: FieldDefinition, info: FieldInfo, package: Package) -> FieldDefinition:
    kind = info.type.kind
    config: dict[str, object] = {}
    decimals = getattr(field.own_settings, "decimals", 0)
    base = _chosen_field(info.type, package)
    if base is not None:
        return _made(field, base.type, base.config)
    if kind == "decimal":
        config = {"decimals": decimals}
    elif kind == "money":
        places = max(2, decimals) if isinstance(field.own_settings, RollupConfig) else decimals
        config = {"decimals": min(places, _MOST_DECIMALS), **_currency(owner, info, package)}
    return _made(field, {"decimal": "number", "money": "currency", **_SHOWN}[kind], config)


def _made(field: FieldDefinition, kind: str, config: dict[str, object]) -> FieldDefinition:
    return FieldDefinition(name=field.name, label=field.label, type=kind, config=config)


def _currency(owner: str, info: FieldInfo, package: Package) -> dict[str, object]:
    """That in which a bare amount is meant when somebody filters by it: of the amounts that it is made of."""
    reads = sorted(info.computed.reads, key=lambda each: (each[0] != owner, each)) if info.computed else ()
    for name, field_name in reads:
        found = package.by_name[name].all_fields.get(field_name) if name in package.by_name else None
        if found is not None and isinstance(found.settings, CurrencyConfig):
            return {"currency": found.settings.currency}
    return {"currency": info.type.currency} if info.type.currency else {}


def _chosen_field(gives: RuleType, package: Package) -> FieldDefinition | None:
    """The select field whose options the values are."""
    owner = package.by_name.get(gives.object) if gives.kind == "enum" else None
    found = owner.all_fields.get(gives.field) if owner else None
    return found if found is not None and isinstance(found.settings, ChoiceConfig) else None
