"""Writing protocols as files of battery cyclers: one module per maker, all from the same plan.

:func:`ionworks.ucp.convert` is the entry point; nothing here imports a reader.
"""

from ionworks.ucp.cyclers.export.format import Format, Settings, WrittenFile
from ionworks.ucp.cyclers.export.result import ConvertedProtocol

__all__ = ["ConvertedProtocol", "Format", "Settings", "WrittenFile"]
