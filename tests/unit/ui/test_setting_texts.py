"""What the builder says of settings comes from their models."""

from crm_app.definitions.settings import Setting, read_setting, settings_of
from crm_app.fields.file import FIELD_TYPE as FILE
from crm_app.fields.number import FIELD_TYPE as NUMBER
from crm_app.fields.relation import FIELD_TYPE as RELATION
from crm_app.ui.builder.fields_data import type_choices
from crm_app.ui.builder.inputs_data import plain_choices
from crm_app.ui.builder.setting_texts import setting_help, value_text


def _setting(settings: tuple[Setting, ...], path: str) -> Setting:
    return next(each for each in settings if each.path == path)


def test_a_setting_is_called_and_explained_as_its_model_says() -> None:
    least = _setting(settings_of(NUMBER.config, "config/"), "config/minimum")
    assert (least.label, setting_help(least)) == ("Least", "A smaller number is refused.")


def test_what_happens_on_deletion_is_chosen_in_plain_words() -> None:
    found = _setting(settings_of(RELATION.config, "config/"), "config/on_delete")
    assert dict(plain_choices(found)) == {
        "clear": "Empty this field",
        "restrict": "Refuse the deletion",
        "cascade": "Delete these records too",
    }


def test_the_palette_says_one_plain_sentence_of_each_field_type() -> None:
    for choice in type_choices():
        assert choice["description"].endswith("."), choice
        assert ". " not in choice["description"], choice
        assert "`" not in choice["description"], choice


def test_sizes_are_written_and_read_as_people_say_them() -> None:
    setting = _setting(settings_of(FILE.config, "config/"), "config/max_bytes")
    for text, size in (("10 MB", 10_000_000), ("1.5mb", 1_500_000), ("512 kB", 512_000), ("1,001", 1001)):
        assert read_setting(setting, {setting.path: text}) == size
        assert read_setting(setting, {setting.path: value_text(setting, size)}) == size
    assert value_text(setting, setting.default) == "25 MB"
    assert read_setting(setting, {setting.path: "ten"}) == "ten"
