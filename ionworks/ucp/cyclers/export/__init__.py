"""Writing protocols as files of battery cyclers: one module a maker, over one plan.

:func:`ionworks.ucp.convert` is the way in; nothing here imports a reader.
"""

from ionworks.ucp.cyclers.export.format import Format, Settings, Written
from ionworks.ucp.cyclers.export.result import ConvertedProtocol

__all__ = ["ConvertedProtocol", "Format", "Settings", "Written"]
