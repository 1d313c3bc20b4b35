"""How a demo record came to be what it is: created, moved from stage to stage, done."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from crm_app.definitions.demo import Batch, Done, Life
from crm_app.services.past_records import Moment
from crm_app.services.sample_values import make
from crm_app.services.sample_world import Made, World

_SOON = (-6, 75)


def live(world: World, batch: Batch, made: Made) -> None:
    """Fills the record's moments; its values end as the last of them leaves it."""
    steps = list(_steps(world, batch.life, made)) if batch.life else []
    if batch.life:
        made.values |= {batch.life.field: next(iter(batch.life.open))}
        made.values |= {batch.life.expected: _expected(world, batch.life, made, steps)}
    if batch.done:
        made.values[batch.done.field] = False
    own = {name: value for name, value in made.values.items() if not name.startswith("_")}
    _note(made, made.created, {**own, "owner": str(made.owner.user_id)})
    for option, at in steps:
        if batch.life:
            recipes = batch.life.values.get(option, {})
            values = {name: make(world, recipe, made) for name, recipe in recipes.items()}
            _note(made, at, {batch.life.field: option, **values}, batch.life.dates.get(option))
    if batch.done:
        _finish(world, batch.done, made)


def _note(made: Made, at: datetime, values: dict[str, object], dated: str | None = None) -> None:
    if dated:
        values[dated] = at.date().isoformat()
    made.moments.append(Moment(at, made.owner, values))
    made.values |= values


def _steps(world: World, life: Life, made: Made) -> Iterator[tuple[str, datetime]]:
    """The options that the record enters after its first one, as far as they lie in the past."""
    at = made.created
    options = list(life.open)
    for index, option in enumerate(options):
        at += world.days(life.open[option])
        if at > world.now:
            return
        at = max(world.at_work(at), made.created + timedelta(minutes=index + 1))
        if world.dice.random() < life.ends_early.get(option, 0):
            yield life.early_end, at
            return
        is_last = index == len(options) - 1
        yield (_end(world, life) if is_last else options[index + 1]), at


def _end(world: World, life: Life) -> str:
    return world.dice.choices(list(life.ends), list(life.ends.values()))[0]


def _expected(world: World, life: Life, made: Made, steps: list[tuple[str, datetime]]) -> str:
    """A guess at the end; for what is still open, mostly one that lies ahead."""
    is_open = not steps or steps[-1][0] in life.open
    if not is_open:
        return (made.created + world.days(life.expected_days)).date().isoformat()
    return max(world.now + world.days(_SOON), made.created + timedelta(days=5)).date().isoformat()


def _finish(world: World, done: Done, made: Made) -> None:
    raw = made.values.get(done.after)
    if not isinstance(raw, str) or world.dice.random() > done.chance:
        return
    day = date.fromisoformat(raw)
    if day < world.now.date():
        at = datetime.combine(day, time(world.dice.randint(8, 17), world.dice.randint(0, 59)), world.now.tzinfo)
        _note(made, max(at, made.created + timedelta(minutes=5)), {done.field: True})
