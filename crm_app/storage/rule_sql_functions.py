"""The functions of the rule language in SQL: `SQL` of each family's file in `rule_functions/`. A test holds this table
and the library's equal.
"""

import importlib
import pkgutil

from crm_app.rules.tree import Call
from crm_app.storage import rule_functions
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Sql


def _load() -> dict[str, Make]:
    names = [info.name for info in pkgutil.iter_modules(rule_functions.__path__)]
    families = [importlib.import_module(f"{rule_functions.__name__}.{name}").SQL for name in names]
    return {name: make for family in families for name, make in family.items()}


SQL: dict[str, Make] = _load()


def call(emitter: Emitter, node: Call) -> Sql:
    return SQL[node.name](emitter, node)
