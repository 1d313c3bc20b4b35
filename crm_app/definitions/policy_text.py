"""A role as lines of text, one for each thing that it says: what Casbin gets, for people to read, compare and edit.

A block of lines without an empty line between them is one grant, and the comment above it is its note.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_app.definitions.edits import Body
from crm_app.definitions.load import BadDefinition, load_definition
from crm_app.definitions.role import ACTIONS, RULE, SCOPES, FieldLevel, Grant, RoleDefinition
from crm_app.kernel.errors import Problem

KIND_WORDS = ("role", "permission_set")
LEVELS = ("none", "mask", "read")
EFFECTS = ("allow", "deny", "restrict")
ANY = "*"
_PARTS_OF_P = 7
_PARTS_OF_G = 3
_SHAPE = "p, ROLE, OBJECT, FIELD or *, ACTION, SCOPE, allow, deny or restrict"


@dataclass(frozen=True)
class PolicyLine:
    """`number` is where it stands in its file, from 1."""

    number: int
    parts: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class RoleText:
    role: RoleDefinition
    lines: Sequence[PolicyLine] = ()


@dataclass
class _Reading:
    """What is found of one file, line by line."""

    path: str
    body: Body = field(default_factory=dict[str, Any])
    lines: list[PolicyLine] = field(default_factory=list[PolicyLine])
    blocks: list[list[PolicyLine]] = field(default_factory=lambda: [[]])
    problems: list[Problem] = field(default_factory=list[Problem])

    def refuse(self, number: int, message: str) -> None:
        self.problems.append(Problem(f"{self.path}:{number}", message))


def role_text(role: RoleDefinition) -> str:
    """The same for the same role, whatever wrote it."""
    head = [_line((role.kind, role.name, role.label))]
    head += [_line(("description", role.description))] if role.description else []
    head += ["archived"] if role.archived else []
    blocks = [head, [_line(("g", role.name, parent)) for parent in role.inherits]]
    blocks += [_block(role.name, grant) for grant in role.grants]
    blocks.append([_line(_level(role.name, each)) for each in role.field_levels])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def read_role_text(text: str, path: str) -> RoleText:
    """Refuses with every line that can't be read."""
    found = _Reading(path)
    note: list[str] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            if found.blocks[-1]:
                found.blocks.append([])
            note = [*note, line.lstrip("# ").strip()] if line else []
            continue
        _take(found, PolicyLine(number, tuple(_parts(line)), " ".join(note)))
        note = []
    if "name" not in found.body:
        found.problems.insert(0, Problem(f"{path}:1", "It begins with `role, NAME, LABEL` or `permission_set, …`."))
    if found.problems:
        raise BadDefinition("The policy can't be read.", found.problems)
    grants = [grant for block in found.blocks for grant in _grants(block)]
    body = {**found.body, **({"grants": grants} if grants else {})}
    return RoleText(load_definition(RoleDefinition, body, path), found.lines)


def _take(found: _Reading, line: PolicyLine) -> None:
    match line.parts:
        case [kind, name, label] if kind in KIND_WORDS:
            _begin(found, line.number, {"format_version": 1, "name": name, "label": label, "kind": kind})
        case ["description", text]:
            found.body["description"] = text
        case ["archived"]:
            found.body["archived"] = True
        case ["g", *parts]:
            _inherit(found, line.number, parts)
        case ["p", *parts]:
            _policy(found, line, parts)
        case _:
            found.refuse(line.number, f"'{line.parts[0][:30]}' begins no line. Known: role, permission_set, g, p.")


def _begin(found: _Reading, number: int, body: Body) -> None:
    if "name" in found.body:
        found.refuse(number, "A file holds one role: put this one into a file of its own.")
        return
    found.body.update({key: value for key, value in body.items() if (key, value) != ("kind", "role")})


def _inherit(found: _Reading, number: int, parts: Sequence[str]) -> None:
    if len(parts) != _PARTS_OF_G - 1:
        found.refuse(number, "Expected `g, ROLE, ROLE THAT IT INHERITS`.")
    elif _is_own(found, number, parts[0]):
        found.body.setdefault("inherits", []).append(parts[1])


def _policy(found: _Reading, line: PolicyLine, parts: Sequence[str]) -> None:
    if len(parts) != _PARTS_OF_P - 1:
        found.refuse(line.number, f"Expected `{_SHAPE}`, found {len(parts) + 1} parts.")
        return
    role, name, field_name, action, scope, effect = parts
    if not _is_own(found, line.number, role):
        return
    wrong = [*(_wrong_level(action, scope, effect) if field_name != ANY else _wrong_grant(action, scope, effect))]
    if name == ANY and scope.startswith(RULE):
        wrong.append("A rule is about the records of one object: name it.")
    for message in wrong:
        found.refuse(line.number, message)
    if wrong:
        return
    found.lines.append(line)
    if field_name == ANY:
        found.blocks[-1].append(line)
    else:
        level = {"object": name, "field": field_name, "level": action}
        found.body.setdefault("field_levels", []).append(level)


def _is_own(found: _Reading, number: int, role: str) -> bool:
    if role == found.body.get("name"):
        return True
    own = found.body.get("name", "")
    found.refuse(number, f"It is about '{role[:50]}', and this file about '{own}'." if own else "First name the role.")
    return False


def _wrong_level(action: str, scope: str, effect: str) -> Iterator[str]:
    if action not in LEVELS:
        yield f"'{action[:30]}' is no level of a field. Known: {', '.join(LEVELS)}."
    if (scope, effect) != ("all", "deny"):
        yield "A line about a field ends with `all, deny`: it lowers the field on every record."


def _wrong_grant(action: str, scope: str, effect: str) -> Iterator[str]:
    if action not in (*ACTIONS, ANY):
        yield f"There is no action '{action[:30]}'. Known: {', '.join(ACTIONS)}."
    if scope not in SCOPES and not (scope.startswith(RULE) and scope.removeprefix(RULE).strip()):
        yield f"There is no scope '{scope[:30]}'. Known: {', '.join(SCOPES)}, {RULE}A RULE."
    if effect not in EFFECTS:
        yield f"'{effect[:30]}' is no effect. Known: {', '.join(EFFECTS)}."


def _grants(block: Sequence[PolicyLine]) -> Iterator[Body]:
    """One grant where the block says every action of every object alike; else one for each line."""
    if not block:
        return
    objects = list(dict.fromkeys(line.parts[2] for line in block))
    actions = list(dict.fromkeys(line.parts[4] for line in block))
    endings = {line.parts[5:] for line in block}
    pairs = [(line.parts[2], line.parts[4]) for line in block]
    if len(endings) == 1 and pairs == [(name, action) for name in objects for action in actions]:
        yield _grant(objects, actions, block[0])
        return
    for line in block:
        yield _grant([line.parts[2]], [line.parts[4]], line)


def _grant(objects: list[str], actions: list[str], line: PolicyLine) -> Body:
    scope, effect = line.parts[5:]
    stated = {"scope": scope, "effect": effect, "note": line.note}
    usual = {"scope": "all", "effect": "allow", "note": ""}
    return {"objects": objects, "actions": actions, **{k: v for k, v in stated.items() if v != usual[k]}}


def _block(role: str, grant: Grant) -> list[str]:
    note = [f"# {grant.note}"] if grant.note else []
    return [
        *note,
        *(
            _line(("p", role, name, ANY, action, grant.scope, grant.effect))
            for name in grant.objects
            for action in grant.actions
        ),
    ]


def _level(role: str, level: FieldLevel) -> tuple[str, ...]:
    return ("p", role, level.object, level.field, level.level, "all", "deny")


def _line(parts: Iterable[str]) -> str:
    return ", ".join(_quoted(part) for part in parts)


def _quoted(part: str) -> str:
    """As CSV has it, where a part holds what would end it."""
    is_safe = part and not set(part) & set(',"') and part == part.strip()
    return part if is_safe else '"' + part.replace('"', '""') + '"'


def _parts(line: str) -> list[str]:
    return next(csv.reader([line], skipinitialspace=True), list[str]())
