"""The demo people that `up` prints, and logging in as one of them."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.conftest import RunningTrellis

_LINE = re.compile(r"^\s+(?P<label>\S.*?)\s{2,}(?P<email>\S+@\S+)\s+(?P<password>\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Person:
    label: str
    email: str
    password: str


def people_of(site: RunningTrellis) -> list[Person]:
    found = [Person(**match.groupdict()) for match in _LINE.finditer(site.output)]
    assert found, f"No logins in:\n{site.output}"
    return found


def admin_of(site: RunningTrellis) -> Person:
    return next(person for person in people_of(site) if "admin" in (person.label + person.email).lower())


def rep_of(site: RunningTrellis) -> Person:
    return next(person for person in reversed(people_of(site)) if "rep" in person.label.lower())


def log_in(page: Page, person: Person) -> None:
    """From wherever the login page was reached; ends on the page that was wanted."""
    if "/login" not in page.url:
        page.goto("/login")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("main#content")).to_be_visible()


def create_deal(page: Page, name: str, **values: str) -> str:
    """By the form; returns the address of the new record."""
    page.goto("/o/deal/new")
    page.get_by_label("Name").fill(name)
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Create deal").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    return page.url
