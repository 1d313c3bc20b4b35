"""Writes what is made from the code: the schemas in schemas/definitions, guide pages."""

import click

from crm_app.automation import guide as step_guide
from crm_app.automation.json_schema import schema_texts
from crm_app.definitions import field_guide
from crm_app.definitions.published_schemas import file_of
from crm_app.rules import function_guide


@click.command(name="schemas", help=__doc__)
def command() -> None:
    for name, text in sorted(schema_texts().items()):
        file_of(name).parent.mkdir(parents=True, exist_ok=True)
        file_of(name).write_text(text, encoding="utf-8")
        click.echo(file_of(name))
    for page in (field_guide, function_guide, step_guide):
        page.PAGE.write_text(page.guide_page(), encoding="utf-8")
        click.echo(page.PAGE)
