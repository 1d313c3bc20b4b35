"""Two people change the same definitions: what both wanted, or where they clash."""

from typing import Any

from crm_app.definitions.load import load_package
from crm_app.definitions.merge import merge
from crm_app.definitions.package import Package
from tests.builders import field, object_body, select_field


def package(*fields: dict[str, Any], **more: Any) -> Package:
    return load_package({"objects": {"objects/deal.json": object_body("deal", *fields, **more)}})


def names(found: Package) -> list[str]:
    return [each.name for each in found.objects[0].fields]


def test_changes_at_different_places_go_together() -> None:
    base = package(field("a"), field("b"))
    theirs = package(field("a", help="Theirs"), field("b"), field("t"), icon="truck")
    yours = package(field("a"), field("b", required=True), field("y"), plural="Bargains")
    merged = merge(base, theirs, yours)
    assert merged.clashes == []
    deal = merged.package.objects[0]
    assert names(merged.package) == ["name", "a", "b", "t", "y"]
    assert (deal.icon, deal.plural) == ("truck", "Bargains")
    assert deal.all_fields["a"].help == "Theirs"
    assert deal.all_fields["b"].required


def test_the_same_place_is_a_clash_and_stays_as_it_is_live() -> None:
    merged = merge(package(field("a")), package(field("a", label="Theirs")), package(field("a", label="Yours")))
    assert [(c.path, c.base, c.theirs, c.yours) for c in merged.clashes] == [
        ("objects/deal/fields/a/label", "A", "Theirs", "Yours")
    ]
    assert merged.package.objects[0].all_fields["a"].label == "Theirs"


def test_options_are_merged_one_by_one() -> None:
    merged = merge(
        package(select_field("stage", ("open",))),
        package(select_field("stage", ("open", "won"))),
        package(select_field("stage", ("open", "lost"))),
    )
    assert merged.clashes == []
    assert [o.name for o in merged.package.objects[0].all_fields["stage"].settings.options] == ["open", "won", "lost"]  # type: ignore[attr-defined]


def test_a_new_order_of_one_is_kept_beside_a_new_field_of_the_other() -> None:
    merged = merge(
        package(field("a"), field("b")), package(field("a"), field("b"), field("t")), package(field("b"), field("a"))
    )
    assert names(merged.package) == ["name", "b", "a", "t"]


def test_what_goes_together_only_on_paper_is_a_clash_of_the_whole_definition() -> None:
    base = package(field("a"))
    theirs = package(field("a", "number"))
    yours = package(select_field("a", ("x",)) | {"label": "A"})
    merged = merge(base, theirs, yours)
    assert merged.clashes
    assert merged.package.objects[0].all_fields["a"].type == "number"
