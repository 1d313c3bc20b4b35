"""Writing a field's values in another type beside what is live, while everybody reads and writes; what is written
meanwhile is converted again, the last of it in the moment of publication.
"""

from contextlib import suppress

from sqlalchemy import Connection

from crm_app.kernel.errors import Problem
from crm_app.services.retyping import (
    CannotConvert,
    Retyping,
    conversion_of,
    converted,
    outcome_for,
    tried,
    zone_of,
)
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.conversion import PAGE, OldValue
from crm_app.storage.conversions import Steps, abandon, add_news, begin, end, steps_beside, take_news
from crm_app.storage.quick_locks import TableBusy

FEW = 50
MOST_ROUNDS = 1_000


class _Refused(Exception):
    pass


class Converting:
    """One field's values. `prepare` raises `CannotConvert` when some can't be converted and may not be left empty;
    nothing remains of it then. `finish` is for the transaction that makes the new type live, and has locked the table.
    """

    def __init__(self, work: UnitOfWork, retyping: Retyping, *, set_empty: bool) -> None:
        self.retyping = retyping
        self.stored = retyping.definition.stored
        self._work = work
        self._set_empty = set_empty
        self._conversion = conversion_of(work, retyping)
        self._zone = zone_of(work)
        self._outcome = outcome_for(work, retyping)

    def prepare(self) -> None:
        steps = steps_beside(self._work.connection, self.stored)
        with steps() as step:
            self._id = begin(step, self.stored, self.retyping.old, self.retyping.new)
        try:
            self._put_all(steps)
            rounds = 0
            while self._put_news_beside(steps) > FEW and rounds < MOST_ROUNDS:
                rounds += 1
        except _Refused as refused:
            with suppress(TableBusy), steps() as step:
                abandon(step, self.stored, self._id)
            raise self._refusal() from refused

    def finish(self) -> None:
        try:
            while self._put_news(self._work.connection):
                pass
        except _Refused as refused:
            raise self._refusal() from refused
        end(self._work.connection, self.stored, self._id)

    def _put_all(self, steps: Steps) -> None:
        last = None
        while True:
            with steps() as step:
                page = self._conversion.page(step, last)
                self._put(step, page)
            if not page:
                return
            last = page[-1].id

    def _put_news_beside(self, steps: Steps) -> int:
        with steps() as step:
            return self._put_news(step)

    def _put_news(self, step: Connection) -> int:
        news = take_news(step, self._id, PAGE)
        self._put(step, self._conversion.some(step, news))
        return len(news)

    def _put(self, step: Connection, values: list[OldValue]) -> None:
        """A record that somebody is writing to is left for later."""
        made = [(old.id, value) for old, value in converted(self.retyping, values, self._zone, self._outcome)]
        if self._outcome.refused and not self._set_empty:
            raise _Refused
        add_news(step, self._id, self._conversion.write(step, made))

    def _refusal(self) -> CannotConvert:
        """With the number of all values that can't be converted, unless they have been mended in this moment."""
        outcome = tried(self._work, self.retyping)
        outcome = outcome if outcome.refused else self._outcome
        refused, kind = outcome.refused, self.retyping.new.type
        return CannotConvert(
            f"{refused:,} {'value' if refused == 1 else 'values'} can't become {kind}. Change them first, or choose to "
            "leave them empty; what they were stays stored.",
            [Problem(self.retyping.path, example) for example in outcome.examples],
        )
