"""What the embedded engine does not do yet: operationId -> the sentence of its 501 reply."""

from __future__ import annotations

UNAVAILABLE: dict[str, str] = {
    # protocol
    "convert_protocol": "The embedded engine writes no cycler files yet.",
    "parse_protocol_file": "The embedded engine reads no cycler files yet.",
}
