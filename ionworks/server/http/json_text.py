"""Reading the JSON of a request."""

from __future__ import annotations

from typing import Any

import orjson

#: Most levels of lists and objects in each other. PyBaMM's largest models have about 100; the
#: writer of replies and the validator end at about 250, and Python's stack limits other readers.
DEEPEST = 200


def read_json(data: bytes) -> Any:
    """Return the value of a JSON text.

    Raises
    ------
    ValueError
        If it is not JSON, or nested deeper than `DEEPEST`; the message is for the user.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        reason = _TOO_DEEP if "depth" in str(error) else f"not valid JSON: {error}"
        raise ValueError(reason) from error
    # Most texts have too few brackets to be deep.
    if data.count(b"[") + data.count(b"{") > DEEPEST and _is_too_deep(value):
        raise ValueError(_TOO_DEEP)
    return value


_TOO_DEEP = f"the JSON is nested deeper than {DEEPEST} levels of lists and objects: make it flatter"


def _is_too_deep(value: Any) -> bool:
    """Return whether a value has too many levels; not recursively, whatever its depth is."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        level = [
            member
            for around in level
            for member in (around.values() if isinstance(around, dict) else around)
            if isinstance(member, dict | list)
        ]
    return bool(level)
