"""One run, live while it runs, and what can be done with it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import reflex as rx

from crm_app.kernel.errors import Invalid, NotFound
from crm_app.kernel.ids import parse_id
from crm_app.services.run_actions import cancel_run, reassign_run, rerun, retry_run
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here, path_parts, run_path
from crm_app.ui.refusals import attempt
from crm_app.ui.runs.run_data import NO_RUN, RunShown, run_data
from crm_app.ui.shell_state import notice, set_title, visit

_MAX_KEY = 60


class RunPage(rx.State):
    shown_at: str = ""
    run: RunShown = NO_RUN
    turn: int = 0

    _chosen: str = ""

    @rx.event
    async def open(self) -> None:
        if here(self.router.url) != self.shown_at:
            self._chosen = ""
        data = await visit(self, self._read)
        if data:
            self.run, self.shown_at = data, here(self.router.url)
            await set_title(self, f"{data['title']} · Runs")

    @rx.event
    async def tick(self) -> None:
        data, _ = await attempt(self, self._read)
        if data is not None and data != self.run:
            self.run = data

    @rx.event
    async def choose(self, key: str) -> None:
        """From then on the same block stays chosen, whatever the run does."""
        self._chosen = key[:_MAX_KEY] if isinstance(key, str) else ""
        await self.tick()

    @rx.event
    async def retry(self) -> Any:
        return await self._act(retry_run, "The run goes on.")

    @rx.event
    async def cancel(self) -> Any:
        return await self._act(cancel_run, "The run is cancelled. What was done stays done.")

    @rx.event
    async def undo(self) -> Any:
        undone = partial(cancel_run, undo=True)
        return await self._act(undone, "The run does no further step. What it did is being undone.")

    @rx.event
    async def reassign(self, form: dict[str, Any]) -> Any:
        runner = parse_id(str(form.get("runner", "")))

        def give(work: UnitOfWork, run: UUID) -> None:
            if runner is None:
                raise Invalid("Choose somebody.")
            reassign_run(work, run, runner)

        return await self._act(give, "The run acts as them from its next step on.")

    @rx.event
    async def run_again(self) -> Any:
        made, said = await attempt(self, lambda work: rerun(work, self._run()))
        return rx.redirect(run_path(made)) if made is not None else said

    async def _act(self, act: Callable[[UnitOfWork, UUID], None], done: str) -> Any:
        def taken(work: UnitOfWork) -> RunShown:
            act(work, self._run())
            return self._read(work)

        data, said = await attempt(self, taken)
        if data is None:
            return said
        self.run, self.turn = data, self.turn + 1
        return notice(done)

    def _read(self, work: UnitOfWork) -> RunShown:
        return run_data(work, self._run(), self._chosen)

    def _run(self) -> UUID:
        parts = path_parts(self.router.url.path)
        found = parse_id(parts[2]) if len(parts) > 2 else None  # noqa: PLR2004 - /settings/runs/ID
        if found is None:
            raise NotFound("There is no such run.")
        return found
