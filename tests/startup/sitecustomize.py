"""Python runs this at the start of every process that a test starts.

Worker processes are not measured: they are killed, so what coverage sees in them is lost, and they
take half as long again while it looks.
"""

import sys

if "coverage" in sys.modules and any("loky" in word for word in sys.orig_argv):
    from coverage import Coverage

    measuring = Coverage.current()
    if measuring is not None:
        measuring.stop()
