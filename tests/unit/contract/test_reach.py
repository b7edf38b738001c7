"""Each operation of the contract has a method in the client, or is listed below."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ionworks_api_client.api import OPERATIONS
from tests.paths import ROOT

NOT_THE_CLIENT = {"server", "worker", "engine"}
CLIENT = [
    path
    for path in sorted((ROOT / "ionworks").rglob("*.py"))
    if path.relative_to(ROOT / "ionworks").parts[0] not in NOT_THE_CLIENT
]
OPERATIONS_WITHOUT_METHOD = {"get_openapi", "get_schema"}


def names_used(path: Path) -> Iterator[str]:
    """Operations that a module imports, and strings that may name one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            package, _, module = (node.module or "").rpartition(".")
            if package == "ionworks_api_client.api":
                yield from (alias.name for alias in node.names)
            elif package.startswith("ionworks_api_client.api."):
                yield module
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_each_operation_has_a_method_or_is_listed() -> None:
    used = {name for path in CLIENT for name in names_used(path)} & OPERATIONS.keys()

    assert OPERATIONS.keys() - used == OPERATIONS_WITHOUT_METHOD


def test_each_tag_has_a_resource() -> None:
    # The client itself implements discovery.
    tags = {operation.tag for operation in OPERATIONS.values()} - {"discovery"}
    resources = {path.stem for path in (ROOT / "ionworks" / "resources").glob("*.py")}

    assert tags <= resources
