"""JSON → definitions. Every problem is reported with its path; nothing is half-read."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from jsonschema import Draft202012Validator
from pydantic import ValidationError
from referencing import Registry

from crm_app.definitions.model import Definition
from crm_app.definitions.package import KINDS, Package
from crm_app.definitions.texts import shown, text_problems
from crm_app.definitions.upgrade import UnknownFormat, upgraded
from crm_app.kernel.errors import Invalid, Problem

MAX_PROBLEMS = 50
MAX_DEPTH = 32
MAX_MESSAGE = 400
KIND_OF: Mapping[type[Definition], str] = {model: kind for kind, model in KINDS.items()}
Kind = TypeVar("Kind", bound=Definition)


class BadDefinition(Invalid):
    """A definition that can't be read; `problems` lists each place."""

    code = "bad_definition"


@cache
def schema_of(model: type[Definition]) -> dict[str, Any]:
    """JSON Schema 2020-12 of a definition, as editors and the checks here use it."""
    schema = model.model_json_schema(mode="validation")
    properties = {"$schema": {"type": "string"}, **schema.pop("properties")}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "properties": properties}


@cache
def _validator(model: type[Definition]) -> Draft202012Validator:
    # An explicit empty registry: by default the library fetches remote references and reads files.
    return Draft202012Validator(schema_of(model), registry=Registry())


def _path(prefix: str, parts: Any) -> str:
    return "/".join([prefix, *(shown(str(part)) for part in parts)]).strip("/")


def load_definition(model: type[Kind], body: object, path: str = "") -> Kind:
    """Brings it to today's format, then checks against the JSON Schema and against the model's own rules."""
    plain = _upgraded(model, body, path)
    errors = cast("Iterable[Any]", _validator(model).iter_errors(plain))  # pyright: ignore[reportUnknownMemberType]
    problems = [Problem(_path(path, error.absolute_path), shown(error.message, MAX_MESSAGE)) for error in errors]
    problems += [Problem(_path(path, place), message) for place, message in text_problems(plain)]
    if not problems:
        try:
            return model.model_validate(plain)
        except ValidationError as error:
            problems = [
                Problem(_path(path, item["loc"]), str(item["msg"]).removeprefix("Value error, "))
                for item in error.errors(include_url=False)
            ]
    raise BadDefinition("The definition can't be read.", problems[:MAX_PROBLEMS])


def _upgraded(model: type[Definition], body: object, path: str) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise BadDefinition("A definition is a JSON object.", [Problem(path, f"found {type(body).__name__}.")])
    given = cast("Mapping[str, Any]", body)
    if _is_too_deep(given):
        raise BadDefinition("The definition can't be read.", [Problem(path, f"is nested deeper than {MAX_DEPTH}.")])
    plain = {key: value for key, value in given.items() if key != "$schema"}
    try:
        return upgraded(KIND_OF.get(model, ""), plain)
    except UnknownFormat as error:
        raise BadDefinition("The definition can't be read.", [Problem(path, error.message)]) from None


def _is_too_deep(body: object) -> bool:
    """Level by level, without recursion: what refers to itself ends here too."""
    level: list[object] = [body]
    for _ in range(MAX_DEPTH):
        inner: list[object] = []
        for item in level:
            if isinstance(item, Mapping):
                inner.extend(cast("Mapping[object, object]", item).values())
            elif isinstance(item, list | tuple):
                inner.extend(cast("Iterable[object]", item))
        level = [
            item for item in {id(item): item for item in inner}.values() if isinstance(item, Mapping | list | tuple)
        ]
        if not level:
            return False
    return True


def load_package(bodies: Mapping[str, Mapping[str, object]]) -> Package:
    """`bodies` maps kind → path → JSON. Problems of all files are reported together."""
    problems: list[Problem] = []
    loaded: dict[str, list[Definition]] = {kind: [] for kind in KINDS}
    for kind, files in bodies.items():
        for path, body in files.items():
            try:
                loaded[kind].append(load_definition(KINDS[kind], body, path))
            except BadDefinition as error:
                problems.extend(error.problems)
    if problems:
        raise BadDefinition("The package can't be read.", problems)
    return Package.of(loaded)
