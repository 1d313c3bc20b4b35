from workflows.walking import Control
from workflows.ways import wait

CONTROL = Control("call", wait)
