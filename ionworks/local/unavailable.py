"""What the embedded engine does not do yet: operationId -> the sentence of its 501 reply.

Nothing at present. A new operation of the contract stands here until it has a handler.
"""

from __future__ import annotations

UNAVAILABLE: dict[str, str] = {}
