"""Whether facts come in bulk: then whoever writes them goes first, and what they set off begins a little later."""

from datetime import datetime, timedelta

from crm_app.kernel import clock

CALM = timedelta(seconds=1)
PATIENCE = timedelta(seconds=30)


class Crowd:
    """Of one process. The relay says what it meets; the starter asks."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._last: datetime | None = None

    def note(self) -> None:
        """As many facts as are taken at once were there to be taken."""
        now = clock.now()
        if self._last is None or now - self._last > CALM:
            self._since = now
        self._last = now

    @property
    def goes_first(self) -> bool:
        """Only while it lasts, and never for so long that runs would seem to be forgotten."""
        now = clock.now()
        if self._last is None or self._since is None or now - self._last > CALM:
            return False
        return now - self._since < PATIENCE
