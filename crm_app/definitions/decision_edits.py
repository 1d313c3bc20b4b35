"""What an administrator does to a decision table, one pure function each: canonical JSON → JSON."""

from collections.abc import Callable, Mapping
from typing import Any

from crm_app.definitions.edits import Body, moved, with_values
from crm_app.kernel.errors import NotFound

NOTHING = "null"


def new_table(name: str, label: str, of_object: str, first: str) -> Body:
    """One column, about the field `first`, and one row that always hits."""
    rows = [{"when": ["-"], "then": NOTHING}]
    own = {"format_version": 1, "name": name, "label": label, "object": of_object}
    return {**own, "inputs": [{"rule": first}], "rows": rows}


def with_form(body: Body, form: Mapping[str, Any]) -> Body:
    """Every part of the sheet by its name: `label`, `hit`, `in-0`, `head-0`, `cell-2-0`, `then-2`, `note-2`, …; what
    the form does not have stays. An outcome that is left empty is nothing.
    """

    def said(key: str, before: object) -> str:
        return str(form.get(key, before)).strip()

    inputs = [
        _without_empty({"rule": said(f"in-{at}", each["rule"]), "label": said(f"head-{at}", each.get("label", ""))})
        for at, each in enumerate(body["inputs"])
    ]
    rows = [
        _without_empty(
            {
                "when": [said(f"cell-{at}-{column}", cell) or "-" for column, cell in enumerate(row.get("when", ()))],
                "then": said(f"then-{at}", row["then"]) or NOTHING,
                "note": said(f"note-{at}", row.get("note", "")),
            }
        )
        for at, row in enumerate(body["rows"])
    ]
    own = {key: said(key, body.get(key, "")) or None for key in ("description", "hit", "combine", "otherwise")}
    own["label"] = said("label", body["label"])
    if own["hit"] != "collect":
        own["combine"] = None
    return with_values(body, {**own, "inputs": inputs, "rows": rows})


def acted(body: Body, what: str, at: int) -> Body:
    """One of `ACTIONS` on the row or column with that number."""
    act = ACTIONS.get(what)
    count = len(body["inputs" if "column" in what else "rows"])
    if act is None or not 0 <= at < count:
        raise NotFound("The table has no such row or column any more.")
    return act(body, at)


def _add_row(body: Body, at: int) -> Body:
    row = {"when": ["-"] * len(body["inputs"]), "then": NOTHING}
    return {**body, "rows": [*body["rows"][: at + 1], row, *body["rows"][at + 1 :]]}


def _remove_row(body: Body, at: int) -> Body:
    """The last row stays: a table has one at least."""
    rows = body["rows"]
    return body if len(rows) == 1 else {**body, "rows": [*rows[:at], *rows[at + 1 :]]}


def _move_row(by: int) -> Callable[[Body, int], Body]:
    return lambda body, at: {**body, "rows": moved(body["rows"], at, max(0, at + by))}


def _add_column(body: Body, at: int) -> Body:
    """About nothing yet: whoever adds it says what."""
    inputs, rows = body["inputs"], body["rows"]
    cells = [{**row, "when": [*row["when"][: at + 1], "-", *row["when"][at + 1 :]]} for row in rows]
    return {**body, "inputs": [*inputs[: at + 1], {"rule": NOTHING}, *inputs[at + 1 :]], "rows": cells}


def _remove_column(body: Body, at: int) -> Body:
    inputs, rows = body["inputs"], body["rows"]
    if len(inputs) == 1:
        return body
    cells = [{**row, "when": [*row["when"][:at], *row["when"][at + 1 :]]} for row in rows]
    return {**body, "inputs": [*inputs[:at], *inputs[at + 1 :]], "rows": cells}


ACTIONS: Mapping[str, Callable[[Body, int], Body]] = {
    "add_row": _add_row,
    "remove_row": _remove_row,
    "row_up": _move_row(-1),
    "row_down": _move_row(1),
    "add_column": _add_column,
    "remove_column": _remove_column,
}


def _without_empty(part: Body) -> Body:
    return {key: value for key, value in part.items() if value != ""}
