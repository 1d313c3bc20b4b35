"""The rule editor, in a module of its own so that only pages with rules load it."""

from typing import Any

import reflex as rx

from crm_app.ui.rules.questions import RuleQuestions


def _look(place: rx.Var[str], text: rx.Var[str], caret: rx.Var[int]) -> tuple[rx.Var[str], rx.Var[str], rx.Var[int]]:
    return (place, text, caret)


def _weigh(place: rx.Var[str], text: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    return (place, text)


def _assemble(
    place: rx.Var[str], turn: rx.Var[int], group: rx.Var[dict[str, Any]]
) -> tuple[rx.Var[str], rx.Var[int], rx.Var[dict[str, Any]]]:
    return (place, turn, group)


def _three(place: rx.Var[str], first: rx.Var[str], second: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str], rx.Var[str]]:
    return (place, first, second)


def _text(text: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (text,)


class AtDesk(rx.Component):
    """What holds rules, with what they are answered with."""

    answers: rx.Var[Any]
    rows: rx.Var[Any]
    fields: rx.Var[Any]
    operators: rx.Var[Any]
    names: rx.Var[Any]
    trial: rx.Var[Any]
    on_look: rx.EventHandler[_look]
    on_weigh: rx.EventHandler[_weigh]
    on_assemble: rx.EventHandler[_assemble]
    on_suggest: rx.EventHandler[_three]
    on_try: rx.EventHandler[_three]


class RuleEditor(AtDesk):
    """`name` is the input's name in the form, and the setting where `place` names none. With a `marker`, only a text
    that begins with it holds a rule. `over` is the setting that names the list of records which the rule is about.
    `problem` is what is wrong with the text as the draft has it. `data` is what can be picked instead of typed.
    """

    library = "$/public/ui/rule_editor.jsx"
    tag = "RuleEditor"

    name: rx.Var[Any]
    place: rx.Var[Any]
    over: rx.Var[Any]
    input_id: rx.Var[Any]
    value: rx.Var[Any]
    marker: rx.Var[Any]
    label: rx.Var[Any]
    required: rx.Var[Any]
    invalid: rx.Var[Any]
    problem: rx.Var[Any]
    described_by: rx.Var[Any]
    data: rx.Var[Any]


class RuleFilter(AtDesk):
    """A button that opens the editor; `rule` is what the list is filtered by now."""

    library = "$/public/ui/rule_filter.jsx"
    tag = "RuleFilter"

    rule: rx.Var[Any]
    on_apply: rx.EventHandler[_text]


class RuleChecks(AtDesk):
    """An object's checks; `choices` are the fields at which a message can be shown."""

    library = "$/public/ui/rule_checks.jsx"
    tag = "RuleChecks"

    name: rx.Var[Any]
    input_id: rx.Var[Any]
    value: rx.Var[Any]
    label: rx.Var[Any]
    choices: rx.Var[Any]


def at_desk(state: type[RuleQuestions]) -> dict[str, Any]:
    """What every rule on a page is answered with."""
    return {
        "answers": state.answers,
        "rows": state.rows,
        "fields": state.fields,
        "operators": state.operators,
        "names": state.names,
        "trial": state.trial,
        "on_look": state.look,
        "on_weigh": state.weigh,
        "on_assemble": state.assemble,
        "on_suggest": state.suggest,
        "on_try": state.try_on,
    }
