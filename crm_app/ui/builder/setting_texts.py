"""What a field's settings say to a person."""

import json
from typing import Any

from crm_app.definitions.settings import FORMULA, SIZES, Setting

_HELP = {
    "required": "A record can't be saved without it.",
    "unique": "A second record with the same value is refused.",
    "read_only": "Only workflows and imports fill it in.",
    "searchable": "The list's search looks here too.",
    "indexed": "Trellis keeps an index for it.",
    "default": "What a new record starts with: a value, or = and a rule, such as =today + P30D.",
    "placeholder": "Shown in the empty input.",
    "help": "Shown below the input.",
    "when": "A rule that says for which records. Empty: for all.",
    "roles": "None ticked: for everybody.",
    "to": "None ticked: any stage may follow.",
    "unique_together": 'Lists of fields whose values together are unique: [["company", "email"]].',
    "validation_rules": "A record for which such a rule is true is not saved; the message says why.",
    "duplicate_rules": (
        'Records whose fields are the same: [{"name": "same_email", "label": "Same email", "match": ["email"]}]. A '
        'rule may have a "when"; with "action": "block" nothing like another is saved, otherwise people are asked.'
    ),
    "color": "",
    "icon": "",
    "gate/message": "",
    "exit/message": "",
    "visible_when": "A rule, such as: stage = 'lost'. Empty: always.",
    "required_when": "A rule. Empty: only if required above.",
    "read_only_when": "A rule. Empty: only if read-only above.",
    "config/currency": "A code of three letters, such as USD.",
    "config/function": "What is worked out over them.",
    "config/related_label": "Heads the list of these records on the page of the record they point at.",
}
_CHOICES = {
    "entry": "Every record that is in the stage",
    "move": "Only records that move there",
    "clear": "Empty this field",
    "restrict": "Refuse the deletion",
    "cascade": "Delete these records too",
    "count": "How many there are",
    "min": "Least",
    "max": "Greatest",
    "avg": "Average",
}


def setting_help(setting: Setting) -> str:
    said = _HELP.get(setting.path, setting.help)
    least, most = setting.limits.get("minimum"), setting.limits.get("maximum")
    if not said and least is not None and most is not None:
        return f"{least} to {most}."
    return said


def choice_text(name: str) -> str:
    return _CHOICES.get(name) or name.replace("_", " ").capitalize()


def value_text(setting: Setting, value: Any) -> str:
    """The text of its input."""
    if value is None or value == []:
        return ""
    if setting.kind == "value" and isinstance(value, dict) and "rule" in value:
        return f"{FORMULA}{value['rule']}"
    if setting.kind in ("options", "json") or isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    if setting.is_size and isinstance(value, int):
        return _size_text(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _size_text(size: int) -> str:
    """In the largest unit that says it exactly, because it is read back from this."""
    unit = next((name for name, factor in SIZES.items() if size % factor == 0), "bytes")
    return f"{size // SIZES.get(unit, 1)} {'kB' if unit == 'kb' else unit.upper() if unit == 'mb' else unit}"
