"""What types of steps and triggers look like. One that is not named here looks like the family that it is of."""

from typing import Literal

from crm_app.automation.slots import shapes_of_type

Family = Literal["plain", "control", "wait", "people", "outside"]
TRIGGER_ICON = "zap"
_LOOKS: dict[str, tuple[str, Family]] = {
    "create": ("circle-plus", "plain"),
    "update": ("pencil", "plain"),
    "upsert": ("copy", "plain"),
    "delete": ("trash-2", "plain"),
    "find": ("search", "plain"),
    "aggregate": ("sigma", "plain"),
    "link": ("link", "plain"),
    "unlink": ("x", "plain"),
    "assign": ("user-check", "people"),
    "task": ("list-todo", "plain"),
    "notify": ("bell", "people"),
    "email": ("mail", "outside"),
    "http": ("globe", "outside"),
    "webhook": ("webhook", "outside"),
    "set_variable": ("tag", "plain"),
    "decide": ("table-2", "plain"),
    "decision": ("table-2", "plain"),
    "code": ("code", "plain"),
    "convert": ("refresh-cw", "plain"),
    "unconvert": ("undo-2", "plain"),
    "branch": ("git-branch", "control"),
    "switch": ("share-2", "control"),
    "parallel": ("rows-3", "control"),
    "for_each": ("repeat", "control"),
    "loop": ("refresh-cw", "control"),
    "try": ("shield-check", "control"),
    "call": ("workflow", "control"),
    "compensate": ("undo-2", "control"),
    "stop": ("square", "control"),
    "fail": ("circle-x", "control"),
    "wait": ("timer", "wait"),
    "wait_until": ("alarm-clock", "wait"),
    "wait_for": ("clock", "wait"),
    "approval": ("thumbs-up", "people"),
    "form": ("clipboard-list", "people"),
}
_TRIGGERS: dict[str, str] = {
    "record.created": "circle-plus",
    "record.updated": "pencil",
    "record.deleted": "trash-2",
    "stage.entered": "milestone",
    "schedule": "calendar-days",
    "date.reached": "calendar-check",
    "webhook": "webhook",
    "manual": "mouse-pointer-click",
    "form.submitted": "clipboard-list",
    "email.received": "inbox",
}
GROUPS: dict[Family, str] = {
    "plain": "Records",
    "control": "Control",
    "wait": "Waiting",
    "people": "People",
    "outside": "Outside",
}


def look_of(type_name: str) -> tuple[str, Family]:
    return _LOOKS.get(type_name) or (("git-branch", "control") if shapes_of_type(type_name) else ("zap", "plain"))


def trigger_icon(type_name: str) -> str:
    return _TRIGGERS.get(type_name, TRIGGER_ICON)
