"""The publish report in plans of whole packages: of every automation that is new or changes, and what roles that change
take from those that stay.
"""

from collections.abc import Iterator

from crm_app.automation.report import around, findings_of
from crm_app.automation.report_findings import Around, Finding, listed
from crm_app.automation.report_rights import lacking_roles
from crm_app.automation.rules import rules_of
from crm_app.definitions.package import Package
from crm_app.definitions.role import RoleDefinition
from crm_app.services.automation_plans import AutomationPlans, Notes
from crm_app.services.definitions import wished
from crm_app.services.live import Schema
from crm_app.services.unit_of_work import UnitOfWork


def notes(work: UnitOfWork, before: Package, after: Package) -> Notes:
    if not after.live.automations:
        return {}
    now = around(work, after)
    had = {each.name: each for each in before.automations}
    found: dict[str, tuple[str, ...]] = {}
    for each in now.package.automations:
        if had.get(each.name) != each and each.is_active:
            found[f"automations/{each.name}"] = tuple(_lines(findings_of(now.of(each))))
    roles = {each.name: each for each in before.roles}
    changed = [each.name for each in after.roles if roles.get(each.name, each) != each]
    lost = tuple(lost_rights(before, now)) if changed else ()
    return {**found, **{f"roles/{name}": lost for name in changed if lost}}


def lost_rights(before: Package, now: Around) -> Iterator[str]:
    """What people who have one role will lack for automations that they can run to their ends today."""
    had = {each.name: each for each in before.live.automations}
    was = Around(Schema(0, before.live))
    for each in now.package.automations:
        if not each.is_active or had.get(each.name) != each:
            continue
        until_now = lacking_roles(was.of(each))
        for role, said in lacking_roles(now.of(each)).items():
            if more := [one for one in said if one not in until_now.get(role, ())]:
                label = now.rights.roles[role]
                yield f"The workflow “{each.label}” would fail for records of a {label}, who lacks: {listed(more)}."


def role_warnings(work: UnitOfWork, role: RoleDefinition) -> list[str]:
    """Were the role live like this."""
    after = wished(work, Package(roles=(role,)))
    return list(lost_rights(work.schema.stored, around(work, after))) if after.live.automations else []


def _lines(findings: list[Finding]) -> Iterator[str]:
    for found in findings:
        title = f"Must not be published. {found.title}" if found.state == "bad" else found.title
        yield from (f"{title}: {line}" for line in found.lines)


PLANS = AutomationPlans(rules_of, notes)
