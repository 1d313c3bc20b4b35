"""What something new is called, as an administrator typed it."""

import re
from collections.abc import Mapping

from crm_app.fields.choices import API_NAME
from crm_app.kernel.errors import Invalid, Problem

NO_API_NAME = "Lower-case letters, digits and underscores, beginning with a letter."


def name_problems(named: Mapping[str, str]) -> list[Problem]:
    """All of it is needed, and `name` is an API name."""
    problems = [Problem(part, "This is needed.") for part, text in named.items() if not text]
    if named["name"] and not re.fullmatch(API_NAME, named["name"]):
        problems.append(Problem("name", NO_API_NAME))
    return problems


def require_names(named: Mapping[str, str], refusal: str) -> None:
    if problems := name_problems(named):
        raise Invalid(refusal, problems)
