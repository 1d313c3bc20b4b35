from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.ui.runs.run_words import because_of


def test_whatever_starts_a_run_is_said_in_words() -> None:
    for each in TRIGGER_TYPES:
        event = min(each.events, default=each.name)
        assert " " in because_of(each.name, str(event)), each.name
