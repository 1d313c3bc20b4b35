"""Every function there is: `FUNCTIONS` of each family's file in `functions/`."""

import importlib
import pkgutil

from crm_app.kernel.registry import Registry
from crm_app.rules import functions
from crm_app.rules.function import RuleFunction


def _load() -> Registry[RuleFunction]:
    registry = Registry[RuleFunction]("function")
    for info in pkgutil.iter_modules(functions.__path__):
        for function in importlib.import_module(f"{functions.__name__}.{info.name}").FUNCTIONS:
            registry.add(function)
    return registry


FUNCTIONS: Registry[RuleFunction] = _load()
