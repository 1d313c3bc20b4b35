from typing import Literal

from pydantic import Field

from crm_app.fields.field_type import FieldConfig, FieldType, FieldValueError
from crm_app.fields.rich_text import harmless, words
from crm_app.fields.rule_type import TEXT
from crm_app.fields.text_rules import clean_text


class LongTextConfig(FieldConfig):
    max_length: int = Field(
        default=20_000, ge=1, le=1_000_000, title="Most characters", description="Longer text is refused."
    )
    format: Literal["plain", "rich"] = Field(
        default="plain",
        title="Format",
        description="Plain text, or rich: paragraphs, headings, lists, links and emphasis, kept as harmless HTML.",
    )


def is_rich(config: FieldConfig) -> bool:
    return isinstance(config, LongTextConfig) and config.format == "rich"


def _parse(raw: object, config: LongTextConfig) -> str | None:
    text = clean_text(raw, max_length=config.max_length)
    if config.format == "plain":
        return text
    kept = harmless(text)
    if len(kept) > config.max_length:
        raise FieldValueError(f"At most {config.max_length:,} characters fit, tags included; this has {len(kept):,}.")
    return kept if words(kept) else None


def _dump(value: str, config: LongTextConfig) -> str:
    """Made harmless again: the field may have been plain when the text was stored."""
    return harmless(value) if config.format == "rich" else value


def _text(value: str, config: LongTextConfig) -> str:
    return words(value) if config.format == "rich" else value


FIELD_TYPE = FieldType(
    name="long_text",
    label="Long text",
    widget="long_text",
    description=(
        "Several lines of text, such as notes. Rich text is HTML: whatever could run, load or disguise something is "
        "taken out before it is stored, and filters see the HTML."
    ),
    config=LongTextConfig,
    parse=_parse,
    dump=_dump,
    text=_text,
    rule_type=lambda _config: TEXT,
    operators=("contains", "is_empty", "is_not_empty"),
    examples=("One line", "Two\nlines"),
    hostile=("a\x00b", "\udfff", 5, {"a": 1}),
    is_sortable=False,
)
