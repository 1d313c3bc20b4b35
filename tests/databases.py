"""Databases that live longer than one test, for what is expensive to fill and only read afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

from crm_app.runtime.postgres import EmbeddedPostgres

_numbers = count(1)


@contextmanager
def database(server: EmbeddedPostgres) -> Iterator[str]:
    name = f"shared_{next(_numbers)}"
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE empty STRATEGY file_copy')
        try:
            yield server.url_of(name)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
