"""Lists, counts, groups and searches."""

from decimal import Decimal
from typing import Any

from crm_app.api.call import Answer, Call
from crm_app.api.encoding import Encoder
from crm_app.api.parameters import BadParameter, Parameters, read_parameters
from crm_app.definitions.field import FieldDefinition
from crm_app.kernel.errors import Problem
from crm_app.kernel.money import Money
from crm_app.services.lists import aggregate_records, count_records, list_records, require_field, search_names
from crm_app.services.objects import visible_objects
from crm_app.services.record_query import COUNT_CAP, PAGE_SIZE, Count, Group, RecordQuery
from crm_app.services.unit_of_work import UnitOfWork

_CHOOSE = frozenset({"where", "search"})
_LIST = _CHOOSE | {"sort", "limit", "cursor", "expand", "fields", "count"}
_COUNT = _CHOOSE | {"exact"}
_AGGREGATE = _CHOOSE | {"group_by", "sum"}
_SEARCH = frozenset({"q", "limit"})
_MAX_SUMS = 10
_MAX_GROUPS = 1_000
_SEARCH_LIMIT = 8
_MAX_SEARCH_LIMIT = 50


def read_page(work: UnitOfWork, call: Call) -> Answer:
    parameters = read_parameters(call.query, _LIST, filters=True)
    count = parameters.choice("count", ("none", "capped", "exact"))
    expand, shown = parameters.names("expand"), parameters.names("fields")
    query = RecordQuery(
        object=call.object,
        conditions=parameters.conditions,
        rule=parameters.text("where"),
        search=parameters.text("search"),
        sort=parameters.sorts(),
        limit=parameters.number("limit", PAGE_SIZE),
        cursor=parameters.text("cursor"),
        expand=expand,
        fields=_fetched(work, call.object, shown, expand),
    )
    page = list_records(work, query)
    encoder = Encoder(work, call.object)
    payload: dict[str, Any] = {
        "records": [encoder.record(record, shown, expand) for record in page.records],
        "next_cursor": page.next_cursor or None,
    }
    if count != "none":
        payload["count"] = _count(count_records(work, query, None if count == "exact" else COUNT_CAP))
    return Answer(payload)


def read_count(work: UnitOfWork, call: Call) -> Answer:
    parameters = read_parameters(call.query, _COUNT, filters=True)
    cap = None if parameters.choice("exact", ("false", "true")) == "true" else COUNT_CAP
    return Answer(_count(count_records(work, _chosen(call, parameters), cap)))


def read_groups(work: UnitOfWork, call: Call) -> Answer:
    """Largest groups first, at most 1,000 of them."""
    parameters = read_parameters(call.query, _AGGREGATE, filters=True)
    group_by, sums = parameters.text("group_by"), parameters.names("sum")
    _require_groups(work, call.object, group_by, sums)
    groups = aggregate_records(work, _chosen(call, parameters), group_by, sums)
    groups.sort(key=lambda group: -group.count)
    fields = work.definition(call.object).all_fields
    return Answer(
        {
            "group_by": group_by,
            "groups": [_group(group, fields[group_by], fields) for group in groups[:_MAX_GROUPS]],
            "is_truncated": len(groups) > _MAX_GROUPS,
        }
    )


def search(work: UnitOfWork, call: Call) -> Answer:
    """Records of any object whose name holds the words."""
    parameters = read_parameters(call.query, _SEARCH)
    words, limit = parameters.text("q").strip(), parameters.number("limit", _SEARCH_LIMIT)
    if not words or not 1 <= limit <= _MAX_SEARCH_LIMIT:
        message = f"Expected the words to look for in q, and a limit of 1 to {_MAX_SEARCH_LIMIT} for each object."
        raise BadParameter("The address can't be used.", [Problem("q", message)])
    found = [
        {"object": reference.object, "id": str(reference.id), "name": reference.name}
        for definition in visible_objects(work)
        if definition.name_field in (work.fields(definition.name) or {})
        for reference in search_names(work, definition.name, words, limit)
    ]
    return Answer({"results": found})


def _chosen(call: Call, parameters: Parameters) -> RecordQuery:
    return RecordQuery(
        call.object, parameters.conditions, rule=parameters.text("where"), search=parameters.text("search")
    )


def _fetched(work: UnitOfWork, name: str, shown: tuple[str, ...], expand: tuple[str, ...]) -> tuple[str, ...]:
    """What must be read to show these fields: the record's name and the relations to expand too."""
    if not shown:
        return ()
    definition = work.definition(name)
    called = () if definition.name_field in work.access(name).hidden else (definition.name_field,)
    return tuple(dict.fromkeys((*shown, *called, *expand)))


def _require_groups(work: UnitOfWork, name: str, group_by: str, sums: tuple[str, ...]) -> None:
    problems: list[Problem] = []
    field = require_field(work, name, group_by)
    if len(field.columns) > 1 or not field.field_type.is_sortable:
        problems.append(Problem("group_by", f"Records can't be grouped by {field.label}."))
    if len(sums) > _MAX_SUMS:
        problems.append(Problem("sum", f"At most {_MAX_SUMS} fields are summed at once."))
    problems += [
        Problem("sum", f"'{each}' is no number, so it has no sum.")
        for each in sums[:_MAX_SUMS]
        if not require_field(work, name, each).field_type.is_numeric
    ]
    if problems:
        raise BadParameter("The address can't be used.", problems)


def _count(count: Count) -> dict[str, Any]:
    return {"value": count.value, "capped": count.is_capped}


def _group(group: Group, field: FieldDefinition, fields: dict[str, FieldDefinition]) -> dict[str, Any]:
    return {
        "key": field.dump(group.key),
        "count": group.count,
        "sums": {name: _total(fields[name], totals) for name, totals in group.sums.items()},
    }


def _total(field: FieldDefinition, totals: dict[str, Any]) -> Any:
    """Money adds up per currency; any other number has one sum, zero where no record has a value."""
    if field.rule_type.kind == "money":
        return [field.dump(Money(amount, currency)) for currency, amount in sorted(totals.items())]
    return field.dump(field.field_type.join(totals.get("", Decimal(0))))
