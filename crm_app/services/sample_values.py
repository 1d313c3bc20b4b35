"""Recipes for single values, such as `{"pick": "cities"}`. One function each; `MAKERS` is all there is."""

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any, cast

from crm_app.kernel.errors import Invalid
from crm_app.services.sample_world import Made, World

Maker = Callable[[World, Any, Made], Any]
_PLACE = re.compile(r"\{([a-z_.:]+)(?:\|([a-z]+))?\}")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_TRIES = 200


class BadRecipe(Invalid):
    """The demo recipe asks for something that can't be made."""

    code = "bad_recipe"


def make(world: World, spec: Any, made: Made) -> Any:
    """A constant as it is; an object with one known key by its maker."""
    if not isinstance(spec, dict):
        return spec
    name, argument = next(iter(cast("dict[str, Any]", spec).items()), ("", None))
    if name not in MAKERS:
        raise BadRecipe(f"There is no value recipe {spec}. Known: {', '.join(sorted(MAKERS))}.")
    return MAKERS[name](world, argument, made)


def _words(world: World, name: Any) -> tuple[Any, ...]:
    if isinstance(name, list):
        return tuple(cast("list[Any]", name))
    if name not in world.recipe.words:
        raise BadRecipe(f"There are no words '{name}'.")
    return world.recipe.words[name]


def _pick(world: World, argument: Any, _made: Made) -> Any:
    """One of a list, or of the recipe's words of that name."""
    return world.dice.choice(_words(world, argument))


def _pick_by(world: World, argument: Any, made: Made) -> Any:
    """One of the words named `<prefix><value of the field>`."""
    return world.dice.choice(_words(world, f"{argument['prefix']}{made.value(argument['field'])}"))


def _weighted(world: World, argument: Any, _made: Made) -> Any:
    """One of the keys, by its weight; an empty key is no value."""
    return world.dice.choices(list(argument), list(argument.values()))[0]


def _text(world: World, argument: Any, made: Made) -> str:
    """`{name}` is a value, `{company}` the name of what a relation points at, `{pick:cities}` one of the words;
    `|dots` and `|slug` write it as addresses do.
    """
    return _PLACE.sub(lambda found: _styled(_named(world, found[1], made), found[2]), argument)


def _named(world: World, path: str, made: Made) -> str:
    if path.startswith("pick:"):
        return str(world.dice.choice(_words(world, path.removeprefix("pick:"))))
    owner, name = made.find(path)
    target = owner.links.get(name)
    return str(target.values[world.name_fields[target.object]] if target else owner.values.get(name, ""))


def _styled(text: str, style: str | None) -> str:
    if not style:
        return text
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return _NOT_WORD.sub("." if style == "dots" else "", plain).strip(".")


def _unique(world: World, argument: Any, made: Made) -> Any:
    """Another recipe's value that was not given out before."""
    for _ in range(_TRIES):
        value = make(world, argument, made)
        key = f"{made.object}/{value}"
        if key not in world.taken:
            world.taken.add(key)
            return value
    raise BadRecipe(f"{argument} has no more values that are unique.")


def _whole(world: World, argument: Any, _made: Made) -> int:
    """A whole number between two, small ones more often."""
    low, high = argument
    number = math.exp(world.dice.uniform(math.log(low), math.log(high)))
    return int(round(number, -max(0, len(str(int(number))) - 2)))


def _year(world: World, argument: Any, _made: Made) -> int:
    """So many years ago."""
    return world.now.year - world.dice.randint(*argument)


def _digits(world: World, argument: Any, _made: Made) -> str:
    """Every `#` becomes a digit."""
    return re.sub("#", lambda _found: str(world.dice.randint(0, 9)), argument)


def _record(world: World, argument: Any, made: Made) -> str | None:
    """An earlier record: of the same owner as often as `same_owner` says, and with `of`, one whose relation of that
    name points where this record's does. `share` says how often there is one at all.
    """
    settings = cast("dict[str, Any]", {"object": argument} if isinstance(argument, str) else argument)
    if world.dice.random() > settings.get("share", 1):
        return None
    candidates = world.made[settings["object"]]
    candidates = [each for each in candidates if each.created <= made.created] or candidates
    if relation := settings.get("of"):
        target = made.links.get(relation)
        candidates = [each for each in candidates if target and each.links.get(relation) is target]
    own = [each for each in candidates if each.owner.user_id == made.owner.user_id]
    if own and world.dice.random() < settings.get("same_owner", 0):
        candidates = own
    return str(world.dice.choice(candidates).id) if candidates else None


def _copy(_world: World, argument: Any, made: Made) -> Any:
    """What another record holds, such as `parent.company`."""
    return made.value(argument)


def _parent_id(_world: World, _argument: Any, made: Made) -> str | None:
    """The record that this one was made for."""
    return str(made.parent.id) if made.parent else None


def _part(_world: World, argument: Any, made: Made) -> str:
    """One part of a text such as `Kenya: Nairobi`, counted from 0."""
    path, position = cast("tuple[str, int]", argument)
    return str(made.value(path)).split(": ")[position]


def _money(world: World, argument: Any, made: Made) -> str | None:
    """Another field's amount, some number of times, rounded."""
    base = made.value(argument["of"])
    if base is None:
        return None
    low, high = argument["times"]
    amount = float(str(base).split()[0]) * math.exp(world.dice.uniform(math.log(low), math.log(high)))
    step = int(argument.get("round", 1))
    return str(max(step, int(amount / step + 0.5) * step))


def _day(world: World, argument: Any, made: Made) -> str:
    """A day so long after the record was created."""
    return (made.created + world.days(tuple(argument))).date().isoformat()


MAKERS: dict[str, Maker] = {
    "pick": _pick,
    "pick_by": _pick_by,
    "weighted": _weighted,
    "text": _text,
    "unique": _unique,
    "whole": _whole,
    "years_ago": _year,
    "digits": _digits,
    "record": _record,
    "copy": _copy,
    "parent_id": _parent_id,
    "part": _part,
    "money": _money,
    "day": _day,
}
