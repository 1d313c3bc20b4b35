"""Every function there is: `FUNCTIONS` of each family's file in `functions/`."""

import importlib
import pkgutil
from collections.abc import Mapping

from crm_app.kernel.registry import Registry
from crm_app.rules import functions
from crm_app.rules.function import RuleFunction


def _families() -> dict[str, tuple[RuleFunction, ...]]:
    modules = [importlib.import_module(f"{functions.__name__}.{info.name}") for info in _files()]
    return {str(module.__doc__).split(".", maxsplit=1)[0]: module.FUNCTIONS for module in modules}


def _files() -> list[pkgutil.ModuleInfo]:
    return list(pkgutil.iter_modules(functions.__path__))


def _load() -> Registry[RuleFunction]:
    registry = Registry[RuleFunction]("function")
    for family in FAMILIES.values():
        for function in family:
            registry.add(function)
    return registry


FAMILIES: Mapping[str, tuple[RuleFunction, ...]] = _families()
"""By what its file is about, the first sentence of its docstring."""
FUNCTIONS: Registry[RuleFunction] = _load()
