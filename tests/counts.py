"""How much of the same is tried: all of it, or less on the machine of somebody who works on it.

`make prove` sets LADING_PROVE. Where changes are judged, CI is set, and what is promised there is
tried in full as well.
"""

import os

PROVE = bool(os.environ.get("LADING_PROVE"))
JUDGED = PROVE or bool(os.environ.get("CI"))
