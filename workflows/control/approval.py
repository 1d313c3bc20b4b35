from workflows.walking import Control
from workflows.ways import wait_or_time_out

CONTROL = Control("approval", wait_or_time_out)
