"""HTML read as a browser reads it: well nested, and without anything that acts or loads."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "meta", "link"}
ALLOWED = {
    "style", "div", "p", "span", "table", "thead", "tbody", "tr", "th", "td", "pre", "details",
    "summary", "svg", "polyline",
}  # fmt: skip


class Page(HTMLParser):
    """The elements and the text of a piece of HTML.

    Attributes
    ----------
    texts : list of str
        Text outside of the style, in its order.
    rows : list of list of str
        Cells of all rows of tables.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self.classes: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], "an element is not closed"

    @property
    def text(self) -> str:
        return " ".join(each.strip() for each in self.texts if each.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        given = dict(attrs)
        assert not [name for name in given if name.startswith("on")], "no handlers"
        assert not {"src", "href"} & {*given}, "nothing is loaded"
        self.classes += (given.get("class") or "").split()
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "elements are not nested"

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            assert "url(" not in data
            assert "@import" not in data
            return
        self.texts.append(data)
        if {"td", "th"} & {*self._open}:
            self.rows[-1][-1] += data
