from urllib.parse import urlsplit

from crm_app.fields.field_type import FieldType, FieldValueError
from crm_app.fields.rule_type import TEXT
from crm_app.fields.text_rules import clean_text

MAX_LENGTH = 2000


def _parse(raw: object, _config: object) -> str:
    """Http and https only: anything else may run code when a reader follows it."""
    text = clean_text(raw, max_length=MAX_LENGTH).strip()
    candidate = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(candidate)
        is_web = parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
    except ValueError:
        is_web = False
    if not is_web or any(char.isspace() or char in '<>"\\' for char in candidate):
        raise FieldValueError(f"'{text[:60]}' is not a web address such as https://example.com.")
    return candidate


FIELD_TYPE = FieldType(
    name="url",
    label="Web address",
    widget="url",
    description="A link to a web page.",
    parse=_parse,
    rule_type=lambda _config: TEXT,
    examples=("https://example.com", "example.com/path?q=1"),
    hostile=("javascript:alert(1)", "data:text/html,x", "http://", "http://[", "ftp://example.com", 5),
)
