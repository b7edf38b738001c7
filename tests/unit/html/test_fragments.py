"""Tables, statuses and bars as HTML."""

from __future__ import annotations

import re

import polars as pl
import pytest

from ionworks.html.curves import curve
from ionworks.html.fragments import (
    Markup,
    bar,
    cell,
    details,
    fields,
    paragraph,
    preformatted,
    status,
    table,
    view,
)
from tests.unit.html.page import Page

EVIL = "<script>alert('x')</script>&\""


def test_all_text_is_escaped() -> None:
    parts = [
        fields({EVIL: EVIL, "nested": {EVIL: [EVIL]}}),
        table([EVIL], [[EVIL], [EVIL * 50]]),
        paragraph(EVIL),
        preformatted(EVIL),
        details(EVIL, paragraph("inside")),
        bar(0.5, EVIL),
        status(EVIL),
        curve([0, 1], [1, 2], EVIL),
    ]
    page = Page(view(EVIL, *parts))  # which allows no script
    assert page.text.count(EVIL) > 8


def test_fields_are_rows_and_missing_ones_are_left_out() -> None:
    page = Page(view("Job", fields({"id": "j", "error": None, "status": "failed", "n": 0})))
    assert page.rows == [["id", "j"], ["status", "failed"], ["n", "0"]]
    assert "iw-bad" in page.classes
    assert page.texts[0] == "Job"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.333333"),
        (5.3e-14, "5.3e-14"),
        (12, "12"),
        (True, "True"),
        (None, ""),
        (float("nan"), "nan"),
        ([1, 2], "[1, 2]"),
        (Markup("<b>"), "<b>"),
        ("x" * 300, "x" * 200 + "..."),
    ],
)
def test_values_are_short(value: object, text: str) -> None:
    assert cell(value).endswith(f"{text}</span>" if len(text) > 100 else text)


def test_numbers_are_aligned() -> None:
    page = Page(view("", table(["a", "status"], [[1.5, "completed"], ["x", None]])))
    assert page.rows == [["a", "status"], ["1.5", "completed"], ["x", ""]]
    assert page.classes.count("iw-number") == 2, "the heading and the number"
    assert "iw-good" in page.classes


def test_short_text_is_not_broken_into_lines() -> None:
    page = Page(view("", table(["name", "description"], [["SPM Chen2020", "x" * 21]])))
    assert page.classes.count("iw-short") == 1


def test_the_cells_of_tables_are_aligned_in_jupyter_too() -> None:
    # Its stylesheet has `:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon td`: two classes.
    rules = re.findall(r"([^{}]+)\{[^{}]*text-align:[^{}]*\}", view(""))
    selectors = [each for rule in rules for each in rule.split(",")]
    assert len(selectors) == 4
    assert all(each.count(".") >= 2 for each in selectors)


def test_a_bar_is_never_longer_than_full() -> None:
    assert "width:100.0%" in bar(1.5, "")
    assert "width:0.0%" in bar(-1, "")
    assert "width:25.0%" in bar(0.25, "")


def test_a_curve_has_few_points_and_its_range() -> None:
    drawn = curve(range(100_000), [*range(99_999), None], "Voltage [V]")
    assert len(drawn) < 8000
    assert Page(view("", drawn)).text.startswith("Voltage [V]: 0 to 1e+05")
    spike = pl.Series([*[1.0] * 500, 7.0, *[1.0] * 500, None])
    for values in (spike, spike.to_list(), spike.to_pandas()):
        assert "y: 1 to 7" in Page(view("", curve(range(1002), values, "y"))).text
    assert curve([0, 1], [None, float("nan")], "x") == ""
    assert "nan" not in curve([0, 1, 2], [4.0, float("nan"), 4.0], "x")


def test_the_style_is_for_dark_and_light_pages() -> None:
    html = view("", paragraph("x"))
    assert "prefers-color-scheme:dark" in html
    assert "--jp-ui-font-color2" in html
    assert len(html) < 3500
