"""Roles are lines of text in an exported folder: compared, applied, and refused by line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_app.definitions.load import BadDefinition, load_package
from crm_app.kernel.errors import Problem
from crm_app.services.as_code import read_folder
from crm_app.services.definitions import plan, publish
from crm_app.services.policy_tables import table_problems
from tests.builders import Crm, field, object_body, role_body
from tests.integration.test_as_code import WHOLE, export_to

TABLE = "role,object,action,own,team,below,other,nobody\n"


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


@pytest.fixture
def folder(crm: Crm, tmp_path: Path) -> Path:
    export_to(crm.workspace, tmp_path)
    return tmp_path


def problems(folder: Path) -> list[Problem]:
    with pytest.raises(BadDefinition) as refused:
        read_folder(folder)
    return list(refused.value.problems)


def test_a_changed_line_is_planned_applied_and_exported_the_same(crm: Crm, folder: Path) -> None:
    file = folder / "policies" / "rep.csv"
    text = file.read_text()
    assert "p, rep, deal, *, read, team, allow\n" in text
    assert "p, rep, deal, secret, none, all, deny\n" in text
    file.write_text(
        text.replace("p, rep, deal, *, read, team", "# Everybody sees what is sold\np, rep, deal, *, read, all")
    )
    package = read_folder(folder)
    with crm.work() as work:
        assert [str(change) for change in plan(work, package, WHOLE)] == ["change roles/rep"]
        publish(work, package, (), WHOLE)
    export_to(crm.workspace, folder)
    written = file.read_text()
    assert "# Everybody sees what is sold\np, rep, deal, *, read, all, allow\n" in written
    with crm.work() as work:
        assert plan(work, read_folder(folder), WHOLE) == []
    assert export_to(crm.workspace, folder) == []


def test_what_a_line_names_must_be_there(folder: Path) -> None:
    file = folder / "policies" / "rep.csv"
    count = len(file.read_text().splitlines())
    wrong = ["p, rep, deals, *, read, all, allow", "p, rep, deal, margin, none, all, deny"]
    wrong.append('p, rep, deal, *, read, "rule:amont > 5 USD", allow')
    file.write_text(file.read_text() + "\n".join(wrong) + "\n")
    found = problems(folder)
    assert [problem.path for problem in found] == [f"policies/rep.csv:{count + at}" for at in (1, 2, 3)]
    assert "no object 'deals'. Known: company, deal" in found[0].message
    assert "no field 'deal.margin'" in found[1].message
    assert "amont" in found[2].message


def test_a_role_has_one_place(folder: Path) -> None:
    (folder / "roles").mkdir()
    (folder / "roles" / "rep.json").write_text('{"format_version": 1, "name": "rep", "label": "Rep"}')
    (folder / "policies" / "manager.csv").rename(folder / "policies" / "boss.csv")
    found = {problem.path: problem.message for problem in problems(folder)}
    assert "defined in roles/rep.json, too" in found["policies/rep.csv"]
    assert found["policies/boss.csv:1"] == "'manager' belongs into policies/manager.csv."


def test_the_vocabulary_is_the_products(folder: Path) -> None:
    model = folder / "policies" / "model.conf"
    model.write_text(model.read_text().replace("deny)", "allow)"))
    assert [problem.path for problem in problems(folder)] == ["policies/model.conf"]


def test_a_table_of_decisions_must_hold(folder: Path) -> None:
    tables = folder / "policies" / "decisions"
    tables.mkdir()
    lines = [
        "# Who sees which deals",
        TABLE.strip(),
        "rep,deal,read,yes,yes,no,no,no",
        "manager,deal,edit,yes,yes,yes,no,no",
        "admin,deal,delete,yes,yes,yes,yes,yes",
        ",deal,read,no,no,no,no,no",
    ]
    (tables / "deals.csv").write_text("\n".join(lines))
    read_folder(folder)
    (tables / "deals.csv").write_text(TABLE + "rep,deal,read,yes,no,no,no,no\nrep,deal,fly,no,no,no,no,no\n")
    first, second = problems(folder)
    assert first.path == "policies/decisions/deals.csv:2"
    assert first.message == "rep, read, deal, team: the roles say yes, the table no."
    assert "no action 'fly'" in second.message


def test_a_table_knows_territories_and_decides_rules_by_values() -> None:
    deal = object_body("deal", field("size", "number"), field("region", "territory"), access={"territory": "region"})
    reads = [{"objects": ["deal"], "actions": ["read"], "scope": each} for each in ("rule:size < 10", "territory")]
    below = {"objects": ["deal"], "actions": ["edit", "read"], "scope": "territory_below"}
    roles = {"rep": role_body("rep", *reads), "lead": role_body("lead", below)}
    files = {f"roles/{name}.json": body for name, body in roles.items()}
    package = load_package({"objects": {"objects/deal.json": deal}, "roles": files})
    head = "role,object,action,record,own,team,below,other,nobody,territory,territory_below\n"
    table = [
        "rep,deal,read,,rule,rule,rule,rule,rule,yes,rule",
        "rep,deal,read,size=5,yes,yes,yes,yes,yes,yes,yes",
        "rep,deal,read,size=50,rule,rule,rule,rule,rule,yes,no",
        "rep,deal,read,size=,rule,rule,rule,rule,rule,yes,no",
        "lead,deal,edit,,rule,rule,rule,rule,rule,yes,yes",
        "admin,deal,edit,size=5,yes,yes,yes,yes,yes,yes,yes",
    ]
    assert list(table_problems(package, "deals.csv", head + "\n".join(table))) == []
    wrong = ["rep,deal,read,size=50,yes,rule,rule,rule,rule,yes,no", "rep,deal,read,sise=5,no,no,no,no,no,no,no"]
    first, second = table_problems(package, "deals.csv", head + "\n".join(wrong))
    assert "own: the roles say rule, the table yes" in first.message
    assert "no field 'sise'" in second.message
    (columns,) = table_problems(package, "deals.csv", "role,object,action,own\n")
    assert "It begins with the columns" in columns.message
