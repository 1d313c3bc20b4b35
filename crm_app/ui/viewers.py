"""Who has which page open in this process, as the gate saw last."""

from collections.abc import Iterable


class Viewers:
    """By the page's token. Knowing it gives nothing: what a page then asks goes through the gate like anything else."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}

    def note(self, token: str, user: str) -> None:
        self._users[token] = user

    def of(self, token: str) -> str:
        return self._users.get(token, "")

    def keep(self, tokens: Iterable[str]) -> None:
        """Forgets pages that are closed."""
        self._users = {token: user for token in tokens if (user := self._users.get(token))}


VIEWERS = Viewers()
