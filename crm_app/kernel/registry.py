"""One class for every kind of extension: frozen values found by a folder loader, or by entry points elsewhere."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from types import ModuleType
from typing import Generic, Protocol, TypeVar

from crm_app.kernel.errors import Invalid


class Named(Protocol):
    @property
    def name(self) -> str: ...


Item = TypeVar("Item", bound=Named)


class UnknownName(Invalid):
    """Nothing is registered under that name; the message lists what is."""

    code = "unknown_name"


class Registry(Generic[Item]):
    """Maps names to frozen values. Refuses duplicates; an unknown name lists what is known."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._items: dict[str, Item] = {}

    def add(self, item: Item) -> None:
        if item.name in self._items:
            raise ValueError(f"Two {self._noun}s are named '{item.name}'.")
        self._items[item.name] = item

    def get(self, name: str) -> Item:
        try:
            return self._items[name]
        except KeyError:
            raise UnknownName(self.unknown(name)) from None

    def find(self, name: str) -> Item | None:
        return self._items.get(name)

    def unknown(self, name: str) -> str:
        """The sentence for a name that is not registered."""
        near = difflib.get_close_matches(name, self._items, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        return f"There is no {self._noun} '{name}'.{hint} Known: {', '.join(sorted(self._items))}."

    def names(self) -> list[str]:
        return sorted(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def as_mapping(self) -> Mapping[str, Item]:
        return dict(self._items)

    def load_folder(self, package: ModuleType, constant: str) -> "Registry[Item]":
        """Adds `constant` of every module in the package that has one."""
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            if hasattr(module, constant):
                self.add(getattr(module, constant))
        return self

    def load_entry_points(self, group: str) -> "Registry[Item]":
        """Adds what installed distributions offer under the group."""
        for entry in entry_points(group=group):
            self.add(entry.load())
        return self
