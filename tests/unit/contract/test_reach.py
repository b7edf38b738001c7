"""Each operation of the contract is used by the curated client, or stands in the table below."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ionworks_api_client.api import OPERATIONS
from tests.paths import ROOT

CURATED = [
    path
    for path in sorted((ROOT / "ionworks").rglob("*.py"))
    if ROOT / "ionworks" / "local" not in path.parents
]

# Single operations that have no method yet.
OPERATIONS_WITHOUT_METHOD = {
    *("get_openapi", "get_schema"),
}


def names_used(path: Path) -> Iterator[str]:
    """Operations a module imports, or names in a text to look them up in the table."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            package, _, module = (node.module or "").rpartition(".")
            if package == "ionworks_api_client.api":
                yield from (alias.name for alias in node.names)
            elif package.startswith("ionworks_api_client.api."):
                yield module
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_each_operation_has_a_method_or_stands_in_the_table() -> None:
    used = {name for path in CURATED for name in names_used(path)} & OPERATIONS.keys()

    assert OPERATIONS.keys() - used == OPERATIONS_WITHOUT_METHOD


def test_each_stem_has_a_resource() -> None:
    # Discovery is part of the client itself.
    stems = {operation.tag for operation in OPERATIONS.values()} - {"discovery"}
    resources = {path.stem for path in (ROOT / "ionworks" / "resources").glob("*.py")}

    assert stems <= resources
