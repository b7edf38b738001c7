"""Reading the files of battery cyclers: one module per maker, all return a plan.

:func:`ionworks.ucp.parse_file` is the entry point. Nothing here imports an exporter: the words and
units of each format are listed a second time on purpose, so that ``verify`` compares two
independent descriptions of it.
"""

from ionworks.ucp.cyclers.read.files import VendorFile, parse_file
from ionworks.ucp.cyclers.read.verification import verify

__all__ = ["VendorFile", "parse_file", "verify"]
