"""Writes what is made from the code: the schemas in schemas/definitions and the guide page of the field types."""

import click

from crm_app.definitions.field_guide import PAGE, guide_page
from crm_app.definitions.published_schemas import file_of, published, text_of


@click.command(name="schemas", help=__doc__)
def command() -> None:
    for name, model in sorted(published().items()):
        file_of(name).parent.mkdir(parents=True, exist_ok=True)
        file_of(name).write_text(text_of(model), encoding="utf-8")
        click.echo(file_of(name))
    PAGE.write_text(guide_page(), encoding="utf-8")
    click.echo(PAGE)
