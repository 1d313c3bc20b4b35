"""The bell and its page: one's own notifications, and nobody else's."""

from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.services.notifications import notify, unread_count
from crm_app.ui.home.home_page import HomePage
from crm_app.ui.notifications.notifications_page import NotificationsPage
from tests.unit.ui.conftest import Crm, Send


def tell(crm: Crm, who: str, *titles: str) -> None:
    with crm.workspace.work(SystemActor("test")) as work:
        for title in titles:
            notify(work, [crm.people[who]], title, source="Renewals")


async def test_the_bell_counts_what_is_new_and_the_page_marks_it(crm: Crm, send: Send) -> None:
    tell(crm, "rita", "First", "Second")
    tell(crm, "ravi", "Secret of Ravi")
    assert (await send(HomePage.open, who="rita"))["shell"]["unread"] == 2
    page = (await send(NotificationsPage.open, "/notifications", who="rita"))["notifications_page"]
    assert [(line["title"], line["is_read"]) for line in page["lines"]] == [("Second", False), ("First", False)]
    delta = await send(NotificationsPage.mark, "/notifications", who="rita", which=page["lines"][0]["id"])
    assert [line["is_read"] for line in delta["notifications_page"]["lines"]] == [True, False]
    assert delta["shell"]["unread"] == 1
    delta = await send(NotificationsPage.mark, "/notifications", who="rita", which="")
    assert (delta["notifications_page"]["has_unread"], delta["shell"]["unread"]) == (False, 0)


async def test_the_notification_of_another_can_not_be_marked(crm: Crm, send: Send) -> None:
    tell(crm, "ravi", "Secret of Ravi")
    page = (await send(NotificationsPage.open, "/notifications", who="ravi"))["notifications_page"]
    assert "Secret" not in str(await send(NotificationsPage.mark, who="rita", which=page["lines"][0]["id"]))
    with crm.workspace.work(UserActor(crm.people["ravi"])) as work:
        assert unread_count(work) == 1
