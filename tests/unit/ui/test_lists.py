import pytest

from crm_app.services.record_query import Condition, Sort
from crm_app.ui.address import safe_path
from crm_app.ui.records.board_state import BoardPage
from crm_app.ui.records.filter_rules import FilterRules
from crm_app.ui.records.filter_state import FilterMenu
from crm_app.ui.records.list_address import ListAddress, parse_address
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.shell_state import Shell
from tests.unit.ui.conftest import Crm, Send


def test_an_address_survives_the_round_trip() -> None:
    address = ListAddress(
        view="mine",
        sort=Sort("amount", descending=True),
        conditions=(
            Condition("stage", "eq", "won"),
            Condition("note", "contains", "a:b&c=d"),
            Condition("x", "is_empty"),
        ),
        rule="amount > 5 USD and name != 'a&b'",
        search="ü & co",
        after="cursor==",
        start=51,
    )
    assert parse_address(address.query()) == address


@pytest.mark.parametrize("query", ["?f=stage", "?f=:eq:won", "?start=-5", "?sort=-", "?after=&start=99", "?x=1;y=2"])
def test_what_an_address_does_not_say_properly_is_left_out(query: str) -> None:
    assert parse_address(query) == ListAddress()


@pytest.mark.parametrize(
    "hostile",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\nb", "", "/login?next=/"],
)
def test_nobody_is_sent_to_another_site(hostile: str) -> None:
    assert safe_path(hostile) == "/"


def test_paths_of_our_own_are_kept() -> None:
    assert safe_path("/o/thing?view=x") == "/o/thing?view=x"


async def test_a_list_shows_what_its_address_says(crm: Crm, send: Send) -> None:
    for number in range(3):
        crm.create("deal", name=f"Deal {number}", amount=str(100 * number), stage="won" if number else "lost")
    found = (await send(ListPage.open, "/o/deal?f=stage:eq:won&sort=-amount"))["list_page"]
    assert [line["cells"][0]["text"] for line in found["lines"]] == ["Deal 2", "Deal 1"]
    assert found["range_text"] == "1\N{EN DASH}2"
    assert found["total_text"] == "2"
    assert [chip["label"] for chip in found["chips"]] == ["Stage is Won"]
    assert found["lines"][0]["cells"][1]["css"] == "badge badge-green"


async def test_pages_lead_forward_and_back(crm: Crm, send: Send) -> None:
    for number in range(51):
        crm.create("company", name=f"Company {number:02}")
    first = (await send(ListPage.open, "/o/company?sort=name"))["list_page"]
    assert (len(first["lines"]), first["range_text"], first["total_text"]) == (50, "1\N{EN DASH}50", "51")
    second = (await send(ListPage.open, first["next_href"]))["list_page"]
    assert second["lines"][0]["cells"][0]["text"] == "Company 50"
    assert second["range_text"] == "51\N{EN DASH}51"
    assert second["previous_href"] == "/o/company?sort=name"
    assert second["next_href"] == ""


async def test_a_field_that_does_not_exist_is_a_sentence(send: Send) -> None:
    found = await send(ListPage.open, "/o/company?sort=nonsense")
    assert found["shell"]["problem"] == "bad_query"
    assert "nonsense" in found["shell"]["problem_text"]


async def test_a_rep_sees_the_deals_of_their_own_team_everywhere(crm: Crm, send: Send) -> None:
    crm.create("deal", owner="rita", name="Northern deal")
    crm.create("deal", owner="ravi", name="Southern deal")
    found = (await send(ListPage.open, "/o/deal", who="rita"))["list_page"]
    assert [line["cells"][0]["text"] for line in found["lines"]] == ["Northern deal"]
    assert found["total_text"] == "1"
    names = await send(Shell.search, "/o/deal", who="rita", text="ern deal")
    assert [item["label"] for item in names["shell"]["found"]] == ["Northern deal"]


async def test_filters_offer_what_fits_the_field(send: Send) -> None:
    draft = (await send(FilterMenu.choose_field, "/o/deal", field="stage"))["filter_menu"]["draft"]
    assert draft["input"] == "choice"
    assert {"value": "won", "label": "Won"} in draft["choices"]
    unknown = (await send(FilterMenu.choose_field, "/o/deal", field="nonsense")).get("filter_menu", {})
    assert unknown.get("draft", {}).get("field", "") == ""


async def test_a_total_beyond_the_cap_is_counted_exactly_on_demand(
    crm: Crm, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_app.ui.records.list_data.COUNT_CAP", 3)
    for number in range(5):
        crm.create("company", name=f"Company {number}", city="Oslo" if number else "Rome")
    address = "/o/company?f=city:eq:Oslo"
    found = (await send(ListPage.open, address))["list_page"]
    assert (found["total_text"], found["is_capped"]) == ("3+", True)
    found = (await send(ListPage.count_exactly, address))["list_page"]
    assert (found["total_text"], found["is_capped"]) == ("4", False)


async def test_an_exact_count_is_still_of_what_this_person_sees(
    crm: Crm, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_app.ui.records.list_data.COUNT_CAP", 1)
    for owner in ("rita", "rita", "ravi"):
        crm.create("deal", owner=owner, name=f"Deal of {owner}")
    assert (await send(ListPage.open, "/o/deal", who="rita"))["list_page"]["total_text"] == "1+"
    found = (await send(ListPage.count_exactly, "/o/deal", who="rita"))["list_page"]
    assert (found["total_text"], found["is_capped"]) == ("2", False)


@pytest.mark.parametrize("path", ["/o/deal", "/o/deal/board"])
async def test_a_filter_is_added_to_the_address_of_the_page_that_it_is_for(send: Send, path: str) -> None:
    opened = await send({"/o/deal": ListPage, "/o/deal/board": BoardPage}[path].open, f"{path}?q=x")
    assert "stage" in {choice["value"] for choice in opened["filter_menu"]["offered"]}
    await send(FilterMenu.choose_field, f"{path}?q=x", field="stage")
    found = await send(FilterMenu.add, f"{path}?q=x", form={"operator": "eq", "value": "won"})
    assert found["filter_menu"]["draft"]["field"] == ""
    assert "shell" not in found


async def test_a_filter_that_is_half_made_is_a_sentence(send: Send) -> None:
    await send(FilterMenu.choose_field, "/o/deal", field="stage")
    found = await send(FilterMenu.add, "/o/deal", form={"operator": "eq", "value": ""})
    assert "Choose" in found["shell"]["notice"]["text"]


async def test_a_list_is_filtered_by_a_rule_on_top_of_its_view(crm: Crm, send: Send) -> None:
    sector = crm.create("company", name="Far away", sector="retail")
    for number in range(3):
        company = str(sector.ref.id) if number else None
        crm.create("deal", name=f"Ruled {number}", amount=str(100 * number), company=company)
    rule = "company.name = 'Far away' and amount < 150 USD"
    address = "/o/deal" + ListAddress(rule=rule).query()
    found = (await send(ListPage.open, address))["list_page"]
    assert [line["name"] for line in found["lines"]] == ["Ruled 1"]
    assert [chip["label"] for chip in found["chips"]] == [
        "Company's Name is “Far away” and Amount is less than 150 USD"
    ]
    assert (found["chips"][0]["href"], found["clear_href"]) == ("/o/deal", "/o/deal")
    board = (await send(BoardPage.open, address.replace("/o/deal", "/o/deal/board")))["board_page"]
    assert sum(len(column["cards"]) for column in board["columns"]) == 1


async def test_a_rule_that_is_wrong_is_a_sentence_and_a_hidden_field_is_no_field(send: Send) -> None:
    wrong = await send(ListPage.open, "/o/deal" + ListAddress(rule="amonut > 5").query())
    assert "amount" in wrong["shell"]["problem_text"]
    loosening = ListAddress(view="deals_without_company", rule="amount > 5 USD) or (name is not empty")
    assert (await send(ListPage.open, "/o/deal" + loosening.query()))["shell"]["problem"]
    told = await send(FilterMenu.filter_by, "/o/deal", rule="amonut > 5")
    assert "amount" in told["shell"]["notice"]["text"]
    assert "shell" not in await send(FilterMenu.filter_by, "/o/deal", rule="amount > 5 USD")
    found = await send(FilterRules.look, "/o/deal", place="filter", text="amount > 5 USD", caret=-1, who="rita")
    assert found["filter_rules"]["answers"]["filter"]["reading"] == "Amount is more than 5 USD"
