"""Where a workflow is started from outside, as the panel of its trigger shows it."""

from typing import Literal, TypedDict

from crm_app.automation.drafting import Scene
from crm_app.kernel.times import moment_text
from crm_app.services.webhooks import made_at

Kind = Literal["", "unpublished", "form", "webhook"]
_OUTSIDE: dict[str, Kind] = {"webhook": "webhook", "form.submitted": "form"}


class Entrance(TypedDict):
    """`path` is that of a form; that of a webhook is known only when it is made, which was at `made`."""

    kind: Kind
    path: str
    made: str


NO_ENTRANCE = Entrance(kind="", path="", made="")


def entrance_of(scene: Scene) -> Entrance:
    """Of the live version: what is only drafted is reached by nobody yet."""
    kind = _OUTSIDE.get(scene.definition.trigger.type, "")
    if not kind:
        return NO_ENTRANCE
    if scene.live is None or scene.live.archived or scene.live.trigger.type != scene.definition.trigger.type:
        return Entrance(kind="unpublished", path="", made="")
    if kind == "form":
        return Entrance(kind=kind, path=f"/forms/{scene.live.name}", made="")
    moment = made_at(scene.work, scene.live.name)
    return Entrance(kind=kind, path="", made=moment_text(moment, scene.work.who.time_zone) if moment else "")
