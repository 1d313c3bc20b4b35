from workflows.walking import Control
from workflows.ways import choose

CONTROL = Control("switch", choose)
