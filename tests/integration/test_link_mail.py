"""A link goes out by mail where a mail server is set up; its secret is kept nowhere."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from crm_app.services.connections import save_connection
from crm_app.services.link_mail import mail_link
from tests.builders import Crm
from tests.integration.test_automation_outside import Post, post

__all__ = ["post"]
LINK = "https://crm.example.com/welcome?token=s3cret"


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def test_a_link_is_mailed_where_a_server_takes_it(crm: Crm, post: Post) -> None:
    ann, nobody = crm.user("Ann").user_id, crm.user("Nobody").user_id
    assert not mail_link(crm.workspace, ann, LINK)
    told = {"type": "smtp", "host": "127.0.0.1", "port": post.port, "security": "none", "sender": "crm@example.com"}
    with crm.work() as work:
        save_connection(work, "post", {**told, "allows_private": True})
    assert mail_link(crm.workspace, ann, LINK)
    assert not mail_link(crm.workspace, nobody, LINK)
    post.answers.append("451 later")
    assert not mail_link(crm.workspace, ann, LINK)
    (recipients, mail), *more = post.mails
    assert (recipients, more) == (["ann@example.com"], [])
    assert LINK in mail.get_content()
    with crm.workspace.owned() as connection:
        assert connection.execute(text("SELECT count(*) FROM crm.mail")).scalar_one() == 0
