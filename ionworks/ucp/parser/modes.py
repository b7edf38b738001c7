"""Reading the control mode of a step."""

from __future__ import annotations

from ionworks.ucp.hints import mode_hint
from ionworks.ucp.nodes import Mode
from ionworks.ucp.parser.fields import read_text
from ionworks.ucp.parser.yaml_tree import Table
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.vocabulary import MODES, mode_of


def read_mode(body: Table, path: str, report: Report, missing: str | None = None) -> Mode | None:
    """Read the control mode of a step; if it is absent, report the message ``missing``, if any."""
    node = body.given("mode")
    if node is None:
        if missing:
            report.error("E-mode", path, f"{missing}: {', '.join(MODES)}", body.place)
        return None
    text = read_text(node, report, "E-mode")
    mode = mode_of(text) if text is not None else None
    if text is not None and mode is None:
        near = mode_hint(text) or suggestion(text, MODES) or f"; valid modes: {', '.join(MODES)}"
        hint = "; only a value can be an input, a mode cannot" if "input[" in text else near
        report.error("E-mode", node.path, f"unknown mode {shown(text)!r}{hint}", node.place)
    return mode
