import html
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast
from uuid import UUID

import nh3
from pydantic import Field

from crm_app.automation.messages import MOST_TRIES, USUAL_TRIES
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.automation.steps.notify import label_of
from crm_app.automation.texts import check_text, filled
from crm_app.definitions.model import ApiName
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldValueError
from crm_app.fields.own_objects import USER_OBJECT
from crm_app.fields.rule_type import TEXT, RuleType
from crm_app.kernel.errors import Invalid
from crm_app.services.connections import SmtpSettings, opened_connection
from crm_app.services.mail_sending import deliver
from crm_app.services.mails import MAX_RECIPIENTS, NewMail, queue_mail
from crm_app.services.people import emails_of
from crm_app.services.workspace import Workspace

_ADDRESS = FIELD_TYPES.get("email")


class EmailConfig(StepConfig):
    """`connection` is one to a mail server. `to` and `reply_to` give an address or a person; `to` may give several.
    `subject` and `body` are texts with tags; `html` is HTML with tags, whose values are escaped. Without it, the mail
    is plain text. A mail server that is away is asked again, up to so many `tries`: 15 take ten minutes, 100 a day, 300
    three.
    """

    connection: ApiName
    to: str
    subject: str = Field(min_length=1, max_length=500)
    body: str = Field(min_length=1, max_length=50_000)
    html: str = Field(default="", max_length=100_000)
    reply_to: str = ""
    tries: int = Field(default=USUAL_TRIES, ge=1, le=MOST_TRIES)


class NoAddress(Invalid):
    """There is nobody to write to."""

    code = "no_address"


def _check(config: EmailConfig, place: Place) -> Mapping[str, RuleType]:
    _check_address(place, "to", config.to)
    if config.reply_to.strip():
        _check_address(place, "reply_to", config.reply_to)
    for at in ("subject", "body", "html"):
        check_text(place, at, getattr(config, at))
    return {"state": TEXT.required()}


def _check_address(place: Place, at: str, text: str) -> None:
    found = place.rule(at, text, None)
    if found is not None:
        kind = found.type.item or found.type
        if kind.kind != "text" and (kind.kind, kind.object) != ("ref", USER_OBJECT):
            place.refuse(at, f"Expected an address or a person, but `{found.text}` is {found.type}.")


def _addresses(step: StepRun, at: str) -> list[str]:
    """Each checked: what stands in a field of text need not be an address."""
    value = step.values.get(at)
    given = cast("list[Any]", value) if isinstance(value, list) else [value]
    people = [each for each in given if isinstance(each, UUID)]
    found = emails_of(step.work, people) if people else [each for each in given if each]
    try:
        return [_ADDRESS.parse(each, None) for each in found]
    except FieldValueError as error:
        raise NoAddress(f"The mail can't be sent: {error}") from None


def _mail(step: StepRun) -> NewMail:
    config: EmailConfig = step.config
    recipients = _addresses(step, "to")
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise NoAddress(f"A mail goes to 1 to {MAX_RECIPIENTS} addresses, and here are {len(recipients)}.")
    settings, _secret = opened_connection(step.work, config.connection)
    if not isinstance(settings, SmtpSettings):
        raise NoAddress(f"The connection '{config.connection}' is none to a mail server.")
    return NewMail(
        key=step.key,
        connection=config.connection,
        sender=settings.sender,
        recipients=recipients,
        subject=filled(step, "subject", config.subject),
        body=filled(step, "body", config.body),
        html=nh3.clean(filled(step, "html", config.html, html.escape)),
        reply_to=next(iter(_addresses(step, "reply_to")), "") if config.reply_to.strip() else "",
        about=step.ref,
        automation=label_of(step),
    )


def _prepare(step: StepRun) -> Callable[[Workspace], Mapping[str, Any]]:
    return partial(_send, queue_mail(step.work, _mail(step)))


def _send(mail: UUID, workspace: Workspace) -> Mapping[str, Any]:
    return {"state": deliver(workspace, mail)}


def _would(step: StepRun) -> Mapping[str, Any]:
    _mail(step)
    return {"state": "sent"}


STEP_TYPE = StepType(
    name="email",
    label="Send an email",
    description=(
        "Sends a mail through a mail server, at most once; gives its `state`: `sent`, `unknown` (it may have gone "
        "out, and is not sent again), or `suppressed` (the address refused mail before)."
    ),
    config=EmailConfig,
    check=_check,
    run=_would,
    prepare=_prepare,
    examples=(
        {
            "id": "thank",
            "type": "email",
            "connection": "mail",
            "to": "contact.email",
            "subject": "Thank you, {{contact.first_name}}",
            "body": "Dear {{contact.first_name}},\n\nwe look forward to {{name}}.\n\n{{owner}}",
            "reply_to": "owner",
        },
    ),
)
