from collections.abc import Mapping
from typing import Any

from pydantic import Field

from crm_app.automation.json_values import TYPES, UNKEPT, JsonType, can_be_kept, parsed_json, typed_value
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.definitions.automation import CODE
from crm_app.definitions.model import ApiName
from crm_app.fields.rule_type import RuleType
from crm_app.rules.value_json import dump_value
from crm_app.services.code_isolate import HOW_TO_TURN_ON, CodeFailed, CodeOff, run_code

MOST_SOURCE = 20_000


class CodeConfig(StepConfig):
    """`source` is the body of a JavaScript function: it reads `inputs.NAME`, the value of each expression in `inputs`,
    and returns an object with the `outputs`, each of the type that it is said to have; one that is left out is empty.
    Numbers with a point, amounts and dates come as texts, so that no digit is lost: `Number(inputs.share)`.
    """

    source: str = Field(min_length=1, max_length=MOST_SOURCE)
    inputs: dict[ApiName, str] = Field(default_factory=dict[str, str], max_length=50)
    outputs: dict[ApiName, JsonType] = Field(min_length=1, max_length=50)


def _check(config: CodeConfig, place: Place) -> Mapping[str, RuleType]:
    for name, expression in config.inputs.items():
        place.rule(f"inputs/{name}", expression, None)
    return {name: TYPES[kind] for name, kind in config.outputs.items()}


def _run(step: StepRun) -> Mapping[str, Any]:
    """Pure: it may be done again, and counts once."""
    if not step.work.tools.runs_code:
        raise CodeOff(f"Steps of code are off here. {HOW_TO_TURN_ON}")
    given = run_code(step.config.source, {name: dump_value(value) for name, value in step.under("inputs").items()})
    return _taken(step.config, given)


def _taken(config: CodeConfig, given: str) -> dict[str, Any]:
    found: dict[str, Any] = parsed_json(given.encode("utf-8", "surrogatepass"))
    unknown = [name for name in found if name not in config.outputs]
    if unknown:
        raise CodeFailed(f"The code returns {unknown[0][:50]!a}, which is none of its outputs.")
    for name, value in found.items():
        if not can_be_kept(value):
            raise CodeFailed(f"`{name}` {UNKEPT}")
    return {name: typed_value(name, kind, found.get(name)) for name, kind in config.outputs.items()}


STEP_TYPE = StepType(
    name=CODE,
    label="Run code",
    description=(
        "Runs JavaScript of your own over values of this run and gives what it returns. It sees nothing else: no "
        "records, files or network, for at most one second and 64 MB. Off, and refused when published, until whoever "
        "runs Trellis sets `TRELLIS_CODE_STEPS=on`."
    ),
    is_slow=True,
    config=CodeConfig,
    check=_check,
    run=_run,
    examples=(
        {
            "id": "score",
            "type": CODE,
            "source": "const words = inputs.note.split(/\\s+/);\nreturn { words: words.length, first: words[0] };",
            "inputs": {"note": "name"},
            "outputs": {"words": "int", "first": "text"},
        },
    ),
)
