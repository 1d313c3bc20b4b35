"""The Reflex app: its pages, the gate before every event, and what a failed event says."""

import logging
from collections.abc import Callable, Sequence

import reflex as rx
from starlette.applications import Starlette
from starlette.types import ASGIApp

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.ui.address import LOGIN
from crm_app.ui.builder.builder_page import builder_page
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.objects_page import objects_page
from crm_app.ui.builder.objects_state import ObjectsPage
from crm_app.ui.designer.automations_page import AutomationsPage, automations_page
from crm_app.ui.designer.designer_page import designer_page
from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.file_routes import file_routes
from crm_app.ui.gate import Gate, require_classified
from crm_app.ui.home.home_page import HomePage, home_page
from crm_app.ui.http_guard import guarded
from crm_app.ui.inbox.inbox_page import InboxPage, inbox_page
from crm_app.ui.keys.keys_page import keys_page
from crm_app.ui.keys.keys_state import KeysPage
from crm_app.ui.login_page import LoginPage, login_page
from crm_app.ui.login_routes import login_routes
from crm_app.ui.notifications.notifications_page import NotificationsPage, notifications_page
from crm_app.ui.nowhere import Nowhere, nowhere
from crm_app.ui.people.account_page import AccountPage, account_page
from crm_app.ui.people.first_page import FirstPage, first_page
from crm_app.ui.people.person_page import person_page
from crm_app.ui.people.person_state import PersonPage
from crm_app.ui.people.second_step_pages import CodePage, SetUpPage, code_page, set_up_page
from crm_app.ui.people.sign_in_page import SignInPage, sign_in_page
from crm_app.ui.people.teams_page import TeamsPage, teams_page
from crm_app.ui.people.territories_page import TerritoriesPage, territories_page
from crm_app.ui.people.users_page import UsersPage, users_page
from crm_app.ui.people.welcome_page import WelcomePage, welcome_page
from crm_app.ui.public_forms import form_routes
from crm_app.ui.published import tell_open_pages
from crm_app.ui.records.board_page import board_page
from crm_app.ui.records.board_state import BoardPage
from crm_app.ui.records.deleted_page import DeletedPage, deleted_page
from crm_app.ui.records.form_page import edit_page, new_page
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.list_page import list_page
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.records.record_page import record_page
from crm_app.ui.records.record_state import RecordPage
from crm_app.ui.roles.role_page import role_page
from crm_app.ui.roles.role_state import RolePage
from crm_app.ui.roles.roles_page import RolesPage, roles_page
from crm_app.ui.runs.dry_run_page import dry_run_page
from crm_app.ui.runs.dry_run_state import DryRunPage
from crm_app.ui.runs.health_page import HealthPage, health_page
from crm_app.ui.runs.moves_page import MovesPage, moves_page
from crm_app.ui.runs.run_page import run_page
from crm_app.ui.runs.run_state import RunPage
from crm_app.ui.runs.runs_page import runs_page
from crm_app.ui.runs.runs_state import RunsPage
from crm_app.ui.settings.audit_page import AuditPage, audit_page
from crm_app.ui.settings.connections_page import connections_page
from crm_app.ui.settings.connections_state import ConnectionsPage
from crm_app.ui.settings.decision_page import decision_page
from crm_app.ui.settings.decision_state import DecisionPage
from crm_app.ui.settings.decisions_page import DecisionsPage, decisions_page
from crm_app.ui.settings.indexes_page import IndexesPage, indexes_page
from crm_app.ui.settings.rates_page import RatesPage, rates_page
from crm_app.ui.settings.special_access_page import SpecialAccessPage, special_access_page
from crm_app.ui.shell import page
from crm_app.ui.shell_state import complaint
from crm_app.web.route_access import require_classified as require_classified_routes

_LOG = logging.getLogger("trellis.ui")
_STYLES = (
    "tokens",
    "frame",
    "controls",
    "lists",
    "boards",
    "records",
    "files",
    "home",
    "builder",
    "rules",
    "settings",
    "runs",
    "designer",
    "people",
)


def _said(exception: Exception) -> rx.event.EventSpec:
    """A refusal is a sentence for the person; anything else is a bug, logged and not shown."""
    if isinstance(exception, Unauthenticated):
        return rx.redirect(LOGIN)
    if isinstance(exception, TrellisError):
        return complaint(exception.message)
    _LOG.error("An event failed.", exc_info=exception)
    return complaint("Something went wrong here. It was logged; please try again.")


def create_app(mounts: Sequence[Starlette | Callable[[ASGIApp], ASGIApp]] = ()) -> rx.App:
    """`mounts` are further parts of the web server, such as the REST API; the guard stands before all of them."""
    parts = [login_routes(), file_routes(), form_routes(), *mounts]
    require_classified_routes(route for part in parts if isinstance(part, Starlette) for route in part.routes)
    app = rx.App(
        reset_style=False,
        html_lang="en",
        head_components=[rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml")],
        stylesheets=[f"/styles/{name}.css" for name in _STYLES],
        backend_exception_handler=_said,
        api_transformer=[*parts, guarded],
    )
    app.add_page(login_page, route="/login", title="Log in · Trellis", on_load=LoginPage.open)
    app.add_page(welcome_page, route="/welcome", title="Choose a password · Trellis", on_load=WelcomePage.open)
    app.add_page(first_page, route="/first", title="First account · Trellis", on_load=FirstPage.open)
    app.add_page(code_page, route="/login/code", title="One-time code · Trellis", on_load=CodePage.open)
    app.add_page(set_up_page, route="/login/set-up", title="Second factor · Trellis", on_load=SetUpPage.open)
    app.add_page(page(home_page), route="/", title="Trellis", on_load=HomePage.open)
    app.add_page(page(inbox_page), route="/inbox", title="Trellis", on_load=InboxPage.open)
    app.add_page(page(notifications_page), route="/notifications", title="Trellis", on_load=NotificationsPage.open)
    app.add_page(page(list_page), route="/o/[object]", title="Trellis", on_load=ListPage.open)
    app.add_page(page(board_page), route="/o/[object]/board", title="Trellis", on_load=BoardPage.open)
    app.add_page(page(deleted_page), route="/o/[object]/deleted", title="Trellis", on_load=DeletedPage.open)
    app.add_page(page(new_page), route="/o/[object]/new", title="Trellis", on_load=RecordForm.open_new)
    app.add_page(page(record_page), route="/o/[object]/[record]", title="Trellis", on_load=RecordPage.open)
    app.add_page(page(edit_page), route="/o/[object]/[record]/edit", title="Trellis", on_load=RecordForm.open_edit)
    app.add_page(page(objects_page), route="/settings/objects", title="Trellis", on_load=ObjectsPage.open)
    app.add_page(page(builder_page), route="/settings/objects/[object]", title="Trellis", on_load=Builder.open)
    app.add_page(page(indexes_page), route="/settings/indexes", title="Trellis", on_load=IndexesPage.open)
    app.add_page(page(decisions_page), route="/settings/decisions", title="Trellis", on_load=DecisionsPage.open)
    app.add_page(
        page(decision_page), route="/settings/decisions/[decision]", title="Trellis", on_load=DecisionPage.open
    )
    app.add_page(page(automations_page), route="/settings/automations", title="Trellis", on_load=AutomationsPage.open)
    app.add_page(
        page(designer_page), route="/settings/automations/[automation]", title="Trellis", on_load=Designer.open
    )
    app.add_page(
        page(special_access_page),
        route="/settings/special-access",
        title="Trellis",
        on_load=SpecialAccessPage.open,
    )
    app.add_page(page(keys_page), route="/account/keys", title="Trellis", on_load=KeysPage.open)
    app.add_page(page(audit_page), route="/settings/audit", title="Trellis", on_load=AuditPage.open)
    app.add_page(page(connections_page), route="/settings/connections", title="Trellis", on_load=ConnectionsPage.open)
    app.add_page(page(roles_page), route="/settings/roles", title="Trellis", on_load=RolesPage.open)
    app.add_page(page(role_page), route="/settings/roles/[role]", title="Trellis", on_load=RolePage.open)
    app.add_page(page(rates_page), route="/settings/exchange-rates", title="Trellis", on_load=RatesPage.open)
    app.add_page(page(runs_page), route="/settings/runs", title="Trellis", on_load=RunsPage.open)
    app.add_page(page(health_page), route="/settings/health", title="Trellis", on_load=HealthPage.open)
    app.add_page(page(dry_run_page), route="/settings/runs/dry-run", title="Trellis", on_load=DryRunPage.open)
    app.add_page(page(moves_page), route="/settings/runs/move", title="Trellis", on_load=MovesPage.open)
    app.add_page(page(run_page), route="/settings/runs/[run]", title="Trellis", on_load=RunPage.open)
    app.add_page(page(account_page), route="/account", title="Trellis", on_load=AccountPage.open)
    app.add_page(page(users_page), route="/settings/users", title="Trellis", on_load=UsersPage.open)
    app.add_page(page(person_page), route="/settings/users/[person]", title="Trellis", on_load=PersonPage.open)
    app.add_page(page(teams_page), route="/settings/teams", title="Trellis", on_load=TeamsPage.open)
    app.add_page(page(territories_page), route="/settings/territories", title="Trellis", on_load=TerritoriesPage.open)
    app.add_page(page(sign_in_page), route="/settings/sign-in", title="Trellis", on_load=SignInPage.open)
    app.add_page(page(nowhere), route="404", title="Trellis", on_load=Nowhere.open)
    tell_open_pages(app)
    app.add_middleware(Gate(), index=0)
    require_classified()
    return app
