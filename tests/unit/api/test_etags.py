import pytest

from crm_app.api.etags import BadPrecondition, etag, is_unchanged, required_version


def test_a_tag_reads_back_as_its_version() -> None:
    assert required_version(etag(3)) == 3
    assert required_version('W/"3"') == 3


@pytest.mark.parametrize("header", [None, "*"])
def test_no_tag_means_any_version(header: str | None) -> None:
    assert required_version(header) is None


@pytest.mark.parametrize("header", ["", "3", '"a"', '"1","2"', '"٣"'])
def test_anything_else_is_refused(header: str) -> None:
    with pytest.raises(BadPrecondition):
        required_version(header)


def test_a_held_version_is_found_among_several() -> None:
    assert is_unchanged('"1", W/"3"', 3)
    assert is_unchanged("*", 3)
    assert not is_unchanged('"1"', 3)
    assert not is_unchanged(None, 3)
    assert not is_unchanged("3", 3)
