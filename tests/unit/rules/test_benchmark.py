"""What `python -m benchmarks.rules` compares answers the same."""

from benchmarks.rules import LONG, RULE, contestants, deal_rule


def test_every_contestant_finds_the_same_deals() -> None:
    answers = {name: [bool(answer) for answer in ask()] for name, ask in contestants().items()}
    assert len(answers["rules"]) == 64
    assert {tuple(found) for found in answers.values()} == {tuple(answers["by hand"])}
    assert 0 < sum(answers["rules"]) < 64


def test_the_rules_it_checks_are_rules() -> None:
    assert [deal_rule(text).text for text in (RULE, LONG)] == [RULE, LONG]
