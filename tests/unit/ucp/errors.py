"""The check of a document with an error."""

from __future__ import annotations

from ionworks.ucp import parse


def assert_error(code: str, text: str, path: str, words: str) -> None:
    """Check that reading a text reports an error with this code, path and part of its message."""
    result = parse(text)

    assert result.protocol is None
    assert any(
        found.code == code and found.path == path and words in found.message
        for found in result.errors
    ), [str(found) for found in result.errors]
