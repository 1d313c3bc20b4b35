"""Pipelines and their stages. What is chosen is `0` (a pipeline) or `0:won` (a stage of it)."""

from crm_app.definitions import pipeline_edits
from crm_app.definitions.bundle_catalog import BUNDLES
from crm_app.definitions.edits import Body
from crm_app.definitions.pipeline import Pipeline, Stage
from crm_app.definitions.pipeline_edits import options_of, pipelines_of
from crm_app.definitions.settings import Setting, settings_of, with_settings
from crm_app.fields.choices import Option
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import Scene, Thing, ThingGroup
from crm_app.ui.builder.inputs_data import (
    SettingInput,
    field_choices,
    inputs_of,
    optional,
    plain_choices,
    role_choices,
)
from crm_app.ui.builder.part_data import NO_PART, Drop, Form, PartPanel, PartTab, PartView, Tool, order_tools, tool

_APART = {"name", "stages", "field"}
_FIELDS = {"amount": ("money",), "lost_reason": ("select",), "won_date": ("date",), "lost_date": ("date",)}
_KINDS = {"open": "Open", "won": "Won", "lost": "Lost"}
_LOOK = tuple(setting for setting in settings_of(Option) if setting.path != "name")


def _split(chosen: str) -> tuple[int, str]:
    number, _, stage = chosen.partition(":")
    return (int(number) if number.isdecimal() and len(number) <= len("999") else 0), stage


def _body(scene: Scene) -> Body:
    return drafts.body_of(scene.work, scene.draft, scene.key)


def _view(scene: Scene, chosen: str) -> PartView:
    body = _body(scene)
    pipelines = pipelines_of(body)
    at, stage = _split(chosen)
    if at >= len(pipelines):
        return PartView([], "", NO_PART, [], [], _tools(scene))
    pipeline = pipelines[at]
    stage = stage if any(each["name"] == stage for each in pipeline["stages"]) else ""
    return PartView(
        groups=[_group(scene, body, pipeline)],
        highlight=stage,
        panel=_panel(body, pipeline, at, stage),
        inputs=_inputs(scene, body, pipeline, stage),
        parts=[tool(str(n), each["label"], is_current=n == at) for n, each in enumerate(pipelines)],
        tools=_tools(scene),
    )


def _tools(scene: Scene) -> list[Tool]:
    """A pipeline over any select field; one with stages to begin with where there is none."""
    found = [tool(f"add:{name}", f"Pipeline over {label}", "plus") for name, label in field_choices(scene, "select")]
    return found or [tool("add", "Add a pipeline", "plus")]


def _group(scene: Scene, body: Body, pipeline: Body) -> ThingGroup:
    options = {option["name"]: option for option in options_of(body, pipeline)}
    items = [_thing(scene, pipeline, at, stage, options) for at, stage in enumerate(pipeline["stages"])]
    return ThingGroup(id="stages", label="", note="", items=items, empty="", choosable=False)


def _thing(scene: Scene, pipeline: Body, at: int, stage: Body, options: dict[str, Body]) -> Thing:
    model = Stage.model_validate(stage)
    said = {
        "Gate": model.gate is not None,
        "Exit": model.exit is not None,
        f"Rots after {model.rotting_days} days": model.rotting_days is not None,
    }
    return Thing(
        id=model.name,
        label=options.get(model.name, {}).get("label", model.name),
        note=f"{_KINDS[model.kind]} · {model.chance} %",
        icon={"won": "trophy", "lost": "circle-x"}.get(model.kind, "circle-dot"),
        problem=scene.problem_at(f"pipelines/{pipeline['name']}/stages/{at}"),
        badges=[word for word, holds in said.items() if holds],
        faded=False,
    )


def _panel(body: Body, pipeline: Body, at: int, stage: str) -> PartPanel:
    if not stage:
        return PartPanel(key=str(at), title=pipeline["label"], note=f"Over the field {pipeline['field']}.",
                         actions=order_tools("the pipeline"))  # fmt: skip
    label = next((each["label"] for each in options_of(body, pipeline) if each["name"] == stage), stage)
    actions = [tool("remove", "Remove the stage", "trash-2")] if len(pipeline["stages"]) > 1 else []
    return PartPanel(key=f"{at}:{stage}", title=label, note=f"Stage · {stage}", actions=actions)


def _settings(stage: str) -> list[Setting]:
    own = [setting for setting in settings_of(Stage if stage else Pipeline) if setting.path not in _APART]
    return [*_LOOK, *own] if stage else own


def _inputs(scene: Scene, body: Body, pipeline: Body, stage: str) -> list[SettingInput]:
    def choices(setting: Setting, _part: Body) -> list[tuple[str, str]]:
        if setting.path in _FIELDS:
            return optional(field_choices(scene, *_FIELDS[setting.path]))
        if setting.path == "to":
            return [(each["name"], each["label"]) for each in options_of(body, pipeline)]
        if setting.kind == "names":
            return role_choices(scene) if setting.path == "roles" else field_choices(scene)
        return plain_choices(setting)

    path = f"pipelines/{pipeline['name']}"
    part = pipeline
    if stage:
        at = next(n for n, each in enumerate(pipeline["stages"]) if each["name"] == stage)
        look = next((each for each in options_of(body, pipeline) if each["name"] == stage), {})
        part, path = {**look, **pipeline["stages"][at]}, f"{path}/stages/{at}"
    inputs = inputs_of(_settings(stage), part, choices, lambda setting: scene.problem_at(f"{path}/{setting}"))
    for each in inputs:
        each["kind"] = "color" if stage and each["name"] == "color" else each["kind"]
    return inputs


def _choose(chosen: str, name: str) -> str:
    return name if name.isdecimal() else f"{_split(chosen)[0]}:{name}"


def _move(body: Body, chosen: str, drop: Drop) -> Body:
    return pipeline_edits.move_stage(body, _split(chosen)[0], drop.thing, drop.index)


def _save(body: Body, chosen: str, form: Form) -> Body:
    at, stage = _split(chosen)
    pipeline = pipeline_edits.pipeline_at(body, at)
    if not stage:
        return pipeline_edits.change_pipeline(body, at, _read(pipeline, _settings(""), form))
    kept = next((each for each in pipeline["stages"] if each["name"] == stage), {})
    made = _read(kept, [setting for setting in _settings(stage) if setting not in _LOOK], form)
    return pipeline_edits.change_stage(body, at, stage, made, {"color": "", **_read({}, _LOOK, form)})


def _read(part: Body, settings: list[Setting] | tuple[Setting, ...], form: Form) -> Body:
    made, problems = with_settings(part, settings, form)
    if problems:
        raise Invalid("This was not kept.", problems)
    return made


def _act(body: Body, chosen: str, name: str) -> tuple[Body, str]:
    at, stage = _split(chosen)
    count = len(pipelines_of(body))
    if name == "add":
        return BUNDLES.get("pipeline").apply(body), str(count)
    if name.startswith("add:"):
        return pipeline_edits.add_pipeline(body, name.removeprefix("add:")), str(count)
    if name == "remove" and stage:
        return pipeline_edits.remove_stage(body, at, stage), str(at)
    if name == "remove":
        return pipeline_edits.remove_pipeline(body, at), "0"
    if name in ("earlier", "later") and not stage:
        to = max(0, min(at + (-1 if name == "earlier" else 1), count - 1))
        return pipeline_edits.move_pipeline(body, at, to - at), str(to)
    return body, chosen


def added_stage(body: Body, chosen: str, form: Form) -> Body:
    """A stage by the label and name that somebody gave it."""
    name, label = str(form.get("name", "")).strip(), str(form.get("label", "")).strip()
    found = [Problem(part, "This is needed.") for part, text in (("label", label), ("name", name)) if not text]
    if found:
        raise Invalid("The stage was not added.", found)
    return pipeline_edits.add_stage(body, _split(chosen)[0], name, label)


PIPELINES_TAB = PartTab(view=_view, choose=_choose, move=_move, save=_save, act=_act)
