"""Browser windows. Whatever a page reports as an error fails the test."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

from tests.e2e.people import Session

DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)


@contextmanager
def opened(
    browser: Browser, url: str, session: Session | None = None, *, is_phone: bool = False, size: ViewportSize = DESK
) -> Iterator[Page]:
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    context = browser.new_context(
        base_url=url,
        reduced_motion="reduce",
        viewport=PHONE if is_phone else size,
        has_touch=is_phone,
        storage_state=session,
    )
    window = context.new_page()
    window.on("console", note)
    window.on("pageerror", lambda error: errors.append(str(error)))
    yield window
    context.close()
    assert not errors, errors
