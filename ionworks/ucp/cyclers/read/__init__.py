"""Reading the files of battery cyclers: one module a maker, all give a plan.

:func:`ionworks.ucp.parse_file` is the way in; nothing here imports a writer.
"""

from ionworks.ucp.cyclers.read.files import VendorFile, parse_file
from ionworks.ucp.cyclers.read.verify import verify

__all__ = ["VendorFile", "parse_file", "verify"]
