from workflows.walking import Control
from workflows.ways import wait_or_time_out

CONTROL = Control("wait_for", wait_or_time_out)
