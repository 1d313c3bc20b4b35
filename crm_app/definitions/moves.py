"""Which moves a pipeline allows, by its definition alone: what a board can say before anybody tries."""

from collections.abc import Callable, Collection

from crm_app.definitions.pipeline import Pipeline, Stage

LabelOf = Callable[[str], str]


def barred(pipeline: Pipeline, old: Stage, new: Stage, label: LabelOf) -> str:
    """Why a record may not go from one stage to the other, or empty. `label` tells what a stage is called."""
    if old.to is not None:
        return "" if new.name in old.to else _only(old, label)
    if not pipeline.back and _goes_back(pipeline, old, new):
        if old.kind == "open":
            return f"A record can't go back from {label(old.name)} to {label(new.name)}."
        return f"What is {label(old.name).lower()} stays so."
    passed = [] if pipeline.skip else _skipped(pipeline, old, new)
    if passed:
        return f"{_listed([label(stage.name) for stage in passed])} can't be skipped."
    return ""


def barred_by_role(pipeline: Pipeline, new: Stage, roles: Collection[str], label: LabelOf) -> str:
    """Why somebody of these roles (inherited ones included) may not move a record there, or empty."""
    if pipeline.roles and not set(pipeline.roles) & set(roles):
        return f"Your role doesn't let you move records in {pipeline.label}."
    if new.roles and not set(new.roles) & set(roles):
        return f"Your role doesn't let you move records to {label(new.name)}."
    return ""


def _only(old: Stage, label: LabelOf) -> str:
    if not old.to:
        return f"Nothing follows {label(old.name)}."
    return f"From {label(old.name)} a record goes only to {_listed([label(name) for name in old.to], 'or')}."


def _goes_back(pipeline: Pipeline, old: Stage, new: Stage) -> bool:
    """To an earlier open stage, or out of a closed one."""
    return old.kind != "open" or (new.kind == "open" and pipeline.index(new) < pipeline.index(old))


def _skipped(pipeline: Pipeline, old: Stage, new: Stage) -> list[Stage]:
    """The open stages between; losing may happen at any time and skips nothing."""
    if old.kind != "open" or new.kind == "lost":
        return []
    between = pipeline.stages[pipeline.index(old) + 1 : pipeline.index(new)]
    return [stage for stage in between if stage.kind == "open"]


def _listed(labels: list[str], last: str = "and") -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} {last} {labels[-1]}"
