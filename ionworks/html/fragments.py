"""Pieces of HTML: tables of fields and of rows, statuses, bars. All text is escaped."""

from __future__ import annotations

import html
import numbers
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

__all__ = [
    "Markup",
    "bar",
    "cell",
    "details",
    "fields",
    "paragraph",
    "preformatted",
    "status",
    "table",
    "view",
]

_LONGEST_TEXT: Final = 200
_UNBROKEN: Final = 20
"""Characters of a text, such as a name or a time, that is not broken into lines in a table."""
_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_short.maxlevel = 2

# The text has the colour of the page, so it can be read on every background. Other colours are
# those of Jupyter or VS Code, else medium ones that can be read on white and on black.
# Jupyter aligns the cells of tables by selectors with two classes, which only as many can change.
_STYLE: Final = """<style>
.ionworks{--iw-muted:var(--jp-ui-font-color2,var(--vscode-descriptionForeground,#767c82));
--iw-line:var(--jp-border-color1,var(--vscode-panel-border,rgba(128,128,128,.4)));--iw-good:#1e7e3e;
--iw-bad:#c62828;--iw-busy:#1565c0;font-size:13px;line-height:1.45;overflow-x:auto}
@media (prefers-color-scheme:dark){.ionworks{--iw-muted:var(--jp-ui-font-color2,
var(--vscode-descriptionForeground,#8f959b));--iw-good:#3fa65f;--iw-bad:#e35d56;--iw-busy:#4a90d9}}
[data-jp-theme-light="false"] .ionworks,.vscode-dark .ionworks{--iw-good:#5cc27a;--iw-bad:#f28b82;
--iw-busy:#8ab4f8}
[data-jp-theme-light="true"] .ionworks,.vscode-light .ionworks{--iw-good:#1e7e3e;--iw-bad:#c62828;
--iw-busy:#1565c0}
.ionworks p{margin:2px 0}
.ionworks .iw-title{font-weight:600}
.ionworks .iw-muted{color:var(--iw-muted)}
.ionworks .iw-good{color:var(--iw-good)}.ionworks .iw-bad{color:var(--iw-bad)}
.ionworks .iw-busy{color:var(--iw-busy)}
.ionworks table{border-collapse:collapse;margin:4px 0;font:inherit}
.ionworks.ionworks th,.ionworks.ionworks td{text-align:left;vertical-align:top;
padding:1px 12px 1px 0;border:0;border-bottom:1px solid var(--iw-line);font-weight:normal;
max-width:480px;white-space:normal;overflow-wrap:anywhere;background:none}
.ionworks.ionworks th{color:var(--iw-muted);white-space:nowrap}
.ionworks.ionworks td:first-child,.ionworks.ionworks td.iw-short{white-space:nowrap}
.ionworks.ionworks td.iw-number{text-align:right;font-variant-numeric:tabular-nums}
.ionworks.ionworks th.iw-number{text-align:right}
.ionworks pre{margin:2px 0;white-space:pre-wrap}
.ionworks details{margin:2px 0}
.ionworks .iw-bar{display:inline-block;width:160px;height:9px;border:1px solid var(--iw-muted);
margin-right:8px;vertical-align:middle}
.ionworks .iw-bar span{display:block;height:100%;background:var(--iw-busy)}
</style>"""

_KINDS: Final = {
    "completed": "iw-good",
    "ready": "iw-good",
    "failed": "iw-bad",
    "canceled": "iw-bad",
    "running": "iw-busy",
    "processing": "iw-busy",
}


class Markup(str):
    """Text that is HTML already; all other text is escaped."""

    __slots__ = ()


def view(title: str, *parts: Markup) -> str:
    """Return what a notebook shows of one object: a title, and below it the parts."""
    heading = f'<p class="iw-title">{html.escape(title)}</p>' if title else ""
    return f'{_STYLE}<div class="ionworks">{heading}{"".join(parts)}</div>'


def fields(values: Mapping[str, Any]) -> Markup:
    """Return a table with one row for each name and its value; missing values are left out."""
    rows = (
        f'<tr><th scope="row">{html.escape(str(name))}</th><td>{_field(str(name), value)}</td></tr>'
        for name, value in values.items()
        if value is not None
    )
    return Markup(f"<table><tbody>{''.join(rows)}</tbody></table>")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Markup:
    """Return a table with a heading; columns with numbers are aligned to the right."""
    shown = [*rows]
    kinds = [
        _kind("iw-number") if any(_is_number(row[place]) for row in shown) else ""
        for place in range(len(columns))
    ]
    head = "".join(
        f'<th scope="col"{kind}>{html.escape(name)}</th>'
        for name, kind in zip(columns, kinds, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_data, columns, row))}</tr>" for row in shown)
    return Markup(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def status(value: str) -> Markup:
    """Return a status, in a colour if it is known."""
    return Markup(f'<span class="{_KINDS.get(value, "iw-muted")}">{html.escape(value)}</span>')


def paragraph(*pieces: str, is_muted: bool = False) -> Markup:
    """Return a line of text, of which pieces can be markup."""
    kind = ' class="iw-muted"' if is_muted else ""
    return Markup(f"<p{kind}>{''.join(map(_escaped, pieces))}</p>")


def preformatted(text: str) -> Markup:
    """Return text whose line breaks and spaces are kept."""
    return Markup(f"<pre>{html.escape(text)}</pre>")


def details(summary: str, *parts: Markup) -> Markup:
    """Return parts that are shown when their summary is clicked."""
    heading = html.escape(summary)
    return Markup(f"<details><summary>{heading}</summary>{''.join(parts)}</details>")


def bar(share: float, text: str) -> Markup:
    """Return a bar that is filled to a share from 0 to 1, and text beside it."""
    percent = 100 * min(max(share, 0.0), 1.0)
    return Markup(
        f'<p><span class="iw-bar"><span style="width:{percent:.1f}%"></span></span>'
        f"{_escaped(text)}</p>"
    )


def cell(value: Any) -> Markup:
    """Return a value as it is shown in a table."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return Markup("")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, numbers.Real) and not isinstance(value, (bool, numbers.Integral)):
        return Markup(html.escape(f"{float(value):.6g}"))
    return _text(_short.repr(value) if isinstance(value, (Mapping, list, tuple)) else str(value))


def _field(name: str, value: Any) -> Markup:
    if isinstance(value, Markup):
        return value
    if name in {"status", "processing_status", "job_status"} and isinstance(value, str):
        return status(value)
    if isinstance(value, Mapping) and value:
        count = f"{len(value)} {'entry' if len(value) == 1 else 'entries'}"
        return details(count, fields({key: cell(each) for key, each in value.items()}))
    return cell(value)


def _data(name: str, value: Any) -> str:
    kind = ""
    if _is_number(value):
        kind = _kind("iw-number")
    elif isinstance(value, str) and len(value) <= _UNBROKEN:
        kind = _kind("iw-short")
    return f"<td{kind}>{_field(name, value) if name.endswith('status') else cell(value)}</td>"


def _kind(name: str) -> str:
    return f' class="{name}"'


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _text(value: str) -> Markup:
    """Return text; of long text its beginning, with the whole of it as a tooltip."""
    if len(value) <= _LONGEST_TEXT:
        return Markup(html.escape(value))
    whole = html.escape(value[: 10 * _LONGEST_TEXT])
    return Markup(f'<span title="{whole}">{html.escape(value[:_LONGEST_TEXT])}...</span>')


def _escaped(text: str) -> str:
    return text if isinstance(text, Markup) else html.escape(text)
