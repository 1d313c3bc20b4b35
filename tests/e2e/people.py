"""The people that `up` prints, and logging in as one of them."""

import re
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, StorageState, expect

from tests.conftest import RunningTrellis

Session = StorageState
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


def make_first(page: Page, site: RunningTrellis, person: Person) -> None:
    """As whoever started it does, by the link that was printed; without it nobody comes in."""
    page.goto("/o/deal")
    expect(page.get_by_role("heading", name="Make the first account")).to_be_visible()
    page.get_by_label("Code of the first account").fill("guessed")
    _fill_in(page, person)
    expect(page.get_by_role("alert")).to_contain_text("not right")
    page.goto(site.data.first_link_file.read_text().strip())
    _fill_in(page, Person(person.label, person.email, "too short"))
    expect(page.get_by_role("alert")).to_contain_text("At least 15 characters")
    expect(page.get_by_label("Your name")).to_have_value(person.label)
    _fill_in(page, person)
    expect(page.locator("main#content")).to_be_visible()


def _fill_in(page: Page, person: Person) -> None:
    page.get_by_label("Your name").fill(person.label)
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Make it and log in").click()


def log_in(page: Page, person: Person) -> None:
    """From wherever the login page was reached; ends on the page that was wanted."""
    if "/login" not in page.url:
        page.goto("/login")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("main#content")).to_be_visible()


def session_of(browser: Browser, site: RunningTrellis, person: Person) -> Session:
    """What the browser keeps after a login, for further windows."""
    context = browser.new_context(base_url=site.url)
    form: dict[str, str | float | bool] = {"email": person.email, "password": person.password, "next": "/"}
    answer = context.request.post("/auth/login", form=form, headers={"origin": site.url}, max_redirects=0)
    assert answer.headers["location"] == "/", answer.headers
    session = context.storage_state()
    context.close()
    return session
