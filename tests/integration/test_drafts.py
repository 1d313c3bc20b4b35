"""A draft: step by step, back and forth, and live only when it is published."""

from collections.abc import Iterator
from functools import partial

import pytest

from crm_app.definitions import edits
from crm_app.definitions.load import load_package
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Conflict, Forbidden, Invalid
from crm_app.services import draft_store, drafts
from tests.builders import Crm, field, object_body

CITY = "objects/company"


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


@pytest.fixture
def admin(crm: Crm) -> UserActor:
    return crm.user("Ada", role="admin")


def edit(crm: Crm, admin: UserActor, name: str) -> drafts.Draft:
    with crm.work(admin) as work:
        return drafts.edit_draft(work, f"Add {name}", {CITY: partial(edits.add_field, field=field(name))})


def names(draft: drafts.Draft) -> list[str]:
    return [each["name"] for each in draft.edited[CITY].body["fields"]]


def test_a_draft_changes_nothing_until_it_is_published(crm: Crm, admin: UserActor) -> None:
    edit(crm, admin, "street")
    with crm.work(admin) as work:
        assert "street" not in work.definition("company").all_fields
        assert [str(change) for change in drafts.publish_draft(work)] == [
            "add objects/company/fields/street",
        ]
    assert crm.create("company", name="Acme", street="Main St").values["street"] == "Main St"
    with crm.work(admin) as work:
        assert drafts.read_draft(work).is_empty


def test_steps_can_be_taken_back_and_again(crm: Crm, admin: UserActor) -> None:
    edit(crm, admin, "street")
    draft = edit(crm, admin, "zip")
    assert (draft.undo, draft.redo) == ("Add zip", "")
    with crm.work(admin) as work:
        assert names(drafts.undo(work)) == ["name", "city", "parent", "street"]
        assert drafts.undo(work).is_empty
        assert drafts.undo(work).is_empty
        assert names(drafts.redo(work))[-1] == "street"
    assert edit(crm, admin, "country").redo == ""


def test_what_is_as_before_is_no_longer_in_the_draft(crm: Crm, admin: UserActor) -> None:
    edit(crm, admin, "street")
    with crm.work(admin) as work:
        assert drafts.edit_draft(work, "Remove", {CITY: partial(edits.remove_field, name="street")}).is_empty


def test_a_step_that_makes_no_definition_is_refused_whole(crm: Crm, admin: UserActor) -> None:
    with crm.work(admin) as work, pytest.raises(Invalid, match="objects/company/fields/3"):
        drafts.edit_draft(work, "x", {CITY: partial(edits.add_field, field=field("x", "nonsense"))})
    with crm.work(admin) as work:
        assert drafts.read_draft(work).is_empty


def test_what_does_not_fit_together_is_told_at_its_place_and_can_not_be_published(crm: Crm, admin: UserActor) -> None:
    with crm.work(admin) as work:
        draft = drafts.edit_draft(work, "x", {CITY: partial(edits.place_name, place="list_fields", name="gone", to=0)})
        assert [problem.path for problem in drafts.problems(work, draft)] == ["objects/company/list_fields"]
    with crm.work(admin) as work, pytest.raises(Invalid):
        drafts.publish_draft(work)


def test_each_administrator_has_a_draft_of_their_own_and_others_have_none(crm: Crm, admin: UserActor) -> None:
    edit(crm, admin, "street")
    with crm.work(crm.user("Bea", role="admin")) as work:
        assert drafts.read_draft(work).is_empty
    with crm.work(crm.user("Rita", team="north")) as work, pytest.raises(Forbidden):
        drafts.read_draft(work)


def test_the_second_of_two_administrators_is_told_what_the_first_changed(crm: Crm, admin: UserActor) -> None:
    bea = crm.user("Bea", role="admin")
    edit(crm, admin, "street")
    edit(crm, bea, "zip")
    with crm.work(bea) as work:
        drafts.publish_draft(work)
    with crm.work(admin) as work, pytest.raises(Conflict, match="objects/company/fields/zip"):
        drafts.publish_draft(work)
    with crm.work(admin) as work:
        assert names(drafts.read_draft(work))[-1] == "street"


def test_both_changes_can_be_brought_together(crm: Crm, admin: UserActor) -> None:
    bea = crm.user("Bea", role="admin")
    edit(crm, admin, "street")
    edit(crm, bea, "zip")
    with crm.work(bea) as work:
        drafts.publish_draft(work)
    with crm.work(admin) as work:
        assert drafts.rebase_draft(work) == []
        assert set(names(drafts.read_draft(work))) >= {"street", "zip"}
        assert [str(change) for change in drafts.publish_draft(work)] == ["add objects/company/fields/street"]


def test_somebody_publishing_elsewhere_is_no_hindrance(crm: Crm, admin: UserActor) -> None:
    edit(crm, admin, "street")
    crm.publish(load_package({"objects": {"planet": object_body("planet")}}))
    with crm.work(admin) as work:
        assert drafts.publish_draft(work)


def test_a_new_object_whose_name_was_published_meanwhile_is_brought_together_with_the_other(
    crm: Crm, admin: UserActor
) -> None:
    with crm.work(admin) as work:
        drafts.add_to_draft(work, "Add planet", {"objects/planet": object_body("planet", field("moons", "number"))}, {})
    crm.publish(load_package({"objects": {"planet": object_body("planet", field("mass"), label="World")}}))
    with crm.work(admin) as work:
        assert [str(each) for each in drafts.published_meanwhile(work, drafts.read_draft(work))] == [
            "add objects/planet"
        ]
    with crm.work(admin) as work, pytest.raises(Conflict, match="objects/planet"):
        drafts.publish_draft(work)
    with crm.work(admin) as work:
        assert [clash.path for clash in drafts.rebase_draft(work)] == ["objects/planet/label"]
    with crm.work(admin) as work:
        assert [str(change) for change in drafts.publish_draft(work)] == ["add objects/planet/fields/moons"]
        assert work.schema.stored.by_name["planet"].label == "World"


def test_what_hides_is_only_published_when_it_was_agreed_to(crm: Crm, admin: UserActor) -> None:
    with crm.work(admin) as work:
        drafts.edit_draft(work, "Archive", {CITY: partial(edits.archive_field, name="city")})
    with crm.work(admin) as work, pytest.raises(drafts.NotAgreed, match="objects/company/fields/city"):
        drafts.publish_draft(work, agreed=())
    with crm.work(admin) as work:
        plan = drafts.draft_plan(work, drafts.read_draft(work))
        assert drafts.hidden_by(plan) == ["archive objects/company/fields/city"]
        assert drafts.publish_draft(work, agreed=drafts.hidden_by(plan)) == plan


def test_the_history_is_bounded(crm: Crm, admin: UserActor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft_store, "KEPT_STEPS", 3)
    for number in range(6):
        edit(crm, admin, f"f{number}")
    with crm.work(admin) as work:
        for _ in range(10):
            draft = drafts.undo(work)
    assert names(draft)[-1] == "f2"
