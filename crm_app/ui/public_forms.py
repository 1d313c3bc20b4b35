"""Pages of public forms: plain HTML that needs no script, no cookie and nobody logged in."""

import logging
from html import escape
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from crm_app.automation.public_forms import TRAP, Asked, PublicForm, public_form, submit
from crm_app.kernel.errors import Invalid, NotFound, TrellisError
from crm_app.kernel.ids import new_id
from crm_app.ui.door import DOOR
from crm_app.ui.sign_in_http import visitor_of
from crm_app.web.route_access import RouteAccess, reached_by

MAX_BYTES = 256_000
MAX_INPUTS = 60
_ID = "form-id"
_LOG = logging.getLogger("trellis.ui")
_HEADERS = {"cache-control": "no-store", "x-robots-tag": "noindex"}
_TYPES = {"long": "", "choice": "", "decimal": "text"}
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2024;--soft:#60646c;--line:#8b8d98;--paper:#fff;--back:#f4f5f7;--bad:#c62a2f;
--key:#3451b2}
@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#b0b4ba;--line:#777b84;--paper:#18191b;--back:#0d0e10;
--bad:#ff9592;--key:#8da4ef}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:36rem;margin:2rem auto;padding:2rem;background:var(--paper);border-radius:.75rem}
@media(max-width:40rem){main{margin:0;border-radius:0;min-height:100vh;padding:1.25rem}}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}.intro{white-space:pre-line;color:var(--soft);margin:0 0 1.5rem}
.field{margin:0 0 1.25rem}label{display:block;font-weight:600;margin-bottom:.25rem}.box label{display:inline;
font-weight:400;margin-left:.5rem}.help{color:var(--soft);font-size:.875rem;margin:.25rem 0 0}
input:not([type=checkbox]),textarea,select{width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;
color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.5rem}textarea{min-height:7rem}
[aria-invalid=true]{border-color:var(--bad)!important}.bad{color:var(--bad);font-size:.875rem;margin:.25rem 0 0}
.bad[role=alert]{margin:0 0 1rem}
input:focus-visible,textarea:focus-visible,select:focus-visible,button:focus-visible{outline:2px solid var(--key);
outline-offset:2px}button{min-height:2.75rem;padding:.5rem 1.5rem;font:inherit;font-weight:600;border:0;
border-radius:.5rem;background:var(--key);color:var(--paper);cursor:pointer}.trap{position:absolute;left:-100rem}
"""


async def _show(request: Request) -> Response:
    try:
        form = await run_in_threadpool(public_form, DOOR.workspace(), request.path_params["name"])
    except NotFound:
        return _nothing()
    return _page(form.title, _form(form, str(new_id()), {}, {}, ""))


async def _take(request: Request) -> Response:
    name = str(request.path_params["name"])
    try:
        form = await run_in_threadpool(public_form, DOOR.workspace(), name)
    except NotFound:
        return _nothing()
    sent = await _sent(request)
    if sent is None:
        return PlainTextResponse("What was sent is no form of ours, or is too long.", 422, headers=_HEADERS)
    identifier = sent.get(_ID) or str(new_id())
    try:
        await run_in_threadpool(submit, DOOR.workspace(), name, sent, identifier, visitor_of(request).address)
    except TrellisError as refusal:
        return _again(form, sent, identifier, refusal)
    except Exception:  # noqa: BLE001 - whatever it is, what was entered is not lost
        _LOG.exception("A public form could not be taken.")
        return _again(form, sent, identifier, Invalid("Something went wrong here. Please try again later."), 500)
    return _page(form.title, f'<p class="intro" role="status">{escape(form.thanks)}</p>')


def _again(form: PublicForm, sent: dict[str, str], identifier: str, refusal: TrellisError, status: int = 0) -> Response:
    """With what was entered. Only what the sender can do something about is said."""
    is_theirs = isinstance(refusal, Invalid)
    said = str(refusal.message) if is_theirs else "This can't be taken now. Please try again later."
    problems = {each.path: each.message for each in refusal.problems} if is_theirs else {}
    page = _form(form, identifier, sent, problems, said)
    return _page(form.title, page, status or (refusal.status if is_theirs else 503))


async def _sent(request: Request) -> dict[str, str] | None:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            return None
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_INPUTS, errors="strict")
    except ValueError:
        return None
    return None if any("\x00" in text for pair in pairs for text in pair) else dict(pairs)


def _form(form: PublicForm, identifier: str, sent: dict[str, str], problems: dict[str, str], said: str) -> str:
    inputs = "".join(_field(each, sent.get(each.name, ""), problems.get(each.name, "")) for each in form.inputs)
    intro = f'<p class="intro">{escape(form.intro)}</p>' if form.intro else ""
    complaint = f'<p class="bad" role="alert">{escape(said)}</p>' if said else ""
    trap = f'<div class="trap" aria-hidden="true"><input name="{TRAP}" tabindex="-1" autocomplete="off"></div>'
    hidden = f'<input type="hidden" name="{_ID}" value="{escape(identifier[:100])}">'
    return (
        f'{intro}{complaint}<form method="post" novalidate>{hidden}{trap}{inputs}'
        f"<button>{escape(form.button)}</button></form>"
    )


def _field(asked: Asked, value: str, problem: str) -> str:
    name = escape(asked.name)
    mark = "" if asked.is_required else ' <span class="help">(optional)</span>'
    label = f'<label for="{name}">{escape(asked.label)}{"" if asked.kind == "checkbox" else mark}</label>'
    told = [f"{name}-{part}" for part, text in (("help", asked.help), ("bad", problem)) if text]
    about = f' aria-describedby="{" ".join(told)}"' if told else ""
    common = f'id="{name}" name="{name}"{about}{" required" if asked.is_required else ""}'
    common += ' aria-invalid="true"' if problem else ""
    notes = f'<p class="help" id="{name}-help">{escape(asked.help)}</p>' if asked.help else ""
    notes += f'<p class="bad" id="{name}-bad">{escape(problem)}</p>' if problem else ""
    control = _control(asked, common, value)
    if asked.kind == "checkbox":
        return f'<div class="field box">{control}{label}{notes}</div>'
    return f'<div class="field">{label}{control}{notes}</div>'


def _control(asked: Asked, common: str, value: str) -> str:
    if asked.kind == "long":
        return f"<textarea {common}>{escape(value)}</textarea>"
    if asked.kind == "choice":
        options = "".join(
            f'<option value="{escape(key)}"{" selected" if key == value else ""}>{escape(label)}</option>'
            for key, label in asked.choices
        )
        return f'<select {common}><option value=""></option>{options}</select>'
    if asked.kind == "checkbox":
        return f'<input type="checkbox" {common} value="yes"{" checked" if value else ""}>'
    mode = ' inputmode="decimal"' if asked.kind == "decimal" else ""
    return f'<input type="{_TYPES.get(asked.kind, asked.kind)}" {common}{mode} value="{escape(value)}">'


def _nothing() -> Response:
    return _page("Nothing here", '<p class="intro">There is no form at this address.</p>', 404)


def _page(title: str, body: str, status: int = 200) -> Response:
    head = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
    )
    return HTMLResponse(f"{head}<body><main><h1>{escape(title)}</h1>{body}</main></body></html>", status, _HEADERS)


def form_routes() -> Starlette:
    show, take = reached_by(RouteAccess.PUBLIC, _show), reached_by(RouteAccess.PUBLIC, _take)
    return Starlette(
        routes=[Route("/forms/{name}", show, methods=["GET"]), Route("/forms/{name}", take, methods=["POST"])]
    )
