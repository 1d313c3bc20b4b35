from dataclasses import dataclass

from crm_app.services.slow_lists import SlowLists
from crm_app.storage.secret_box import SecretBox


@dataclass(frozen=True)
class Tools:
    """What belongs to the process rather than to one unit of work. `runs_code`: whether its operator lets JavaScript
    that administrators wrote run in it.
    """

    slow_lists: SlowLists
    secrets: SecretBox
    runs_code: bool = False
