"""Databases, for one test or for what is expensive to fill and only read afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

from crm_app.runtime.postgres import EmbeddedPostgres

_numbers = count(1)


@contextmanager
def made_database(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    """Its name."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server.owner_url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY file_copy')
        try:
            yield name
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def database(server: EmbeddedPostgres) -> Iterator[str]:
    with made_database(server, "empty") as name:
        yield server.url_of(name)
