"""How a field type looks in lists; one that is not named here, such as a package's own, has a plain mark."""

from crm_app.ui.elements import known_icons

_ICONS = {
    "text": "type",
    "long_text": "file-text",
    "number": "hash",
    "currency": "banknote",
    "percent": "percent",
    "boolean": "square-check",
    "date": "calendar",
    "datetime": "calendar-days",
    "time": "clock",
    "duration": "timer",
    "select": "circle-dot",
    "multi_select": "list-checks",
    "email": "mail",
    "phone": "phone",
    "url": "link",
    "address": "map-pin",
    "location": "pin",
    "relation": "arrow-up-right",
    "many_to_many": "share-2",
    "user": "user",
    "team": "users",
    "territory": "map",
    "file": "paperclip",
    "files": "paperclip",
    "auto_number": "ticket",
    "rating": "star",
    "color": "palette",
    "json": "code",
    "formula": "sigma",
    "rollup": "calculator",
}
_OTHER = "square"


def type_icon(name: str) -> str:
    icon = _ICONS.get(name, _OTHER)
    return icon if icon in known_icons() else _OTHER
