"""The short form of `python -m tests.fuzz_rules`."""

from tests.fuzz_rules import fuzz


def test_no_text_crashes_the_language_holds_it_up_or_runs_host_code() -> None:
    findings = fuzz(4000, seed=7)
    assert findings.problems == []
    assert findings.accepted > 400
