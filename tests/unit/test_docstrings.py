"""What `help` shows of the public classes."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from ionworks import AsyncIonworks, Ionworks, plots, resources
from ionworks.aio import resources as asynchronous
from ionworks.records.time_series_plots import TimeSeriesPlots


def public_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    classes: list[type] = [Ionworks, AsyncIonworks, TimeSeriesPlots]
    for package in (resources, asynchronous):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            loaded = import_module(module.name)
            found = [value for value in vars(loaded).values() if inspect.isclass(value)]
            classes += [each for each in found if each.__module__ == module.name]
    for kind in classes:
        for name, value in vars(kind).items():
            function = getattr(value, "__func__", value)
            if inspect.isfunction(function) and not name.startswith("_"):
                yield f"{kind.__name__}.{name}", function
    for name in plots.__all__:
        yield name, getattr(plots, name)


@pytest.mark.parametrize(
    "function", [pytest.param(each, id=name) for name, each in public_functions()]
)
def test_public_functions_are_documented(function: Callable[..., Any]) -> None:
    text = inspect.getdoc(function) or ""
    signature = inspect.signature(function)

    assert re.match(r"[A-Z].*\.(\n|$)", text), "a docstring begins with a sentence"
    assert "Waiting[" not in str(signature), "what is returned is shown as users see it"
    if "Parameters\n---" in text:
        section = text.partition("Parameters\n")[2]
        for name in signature.parameters.keys() - {"self", "cls"}:
            assert re.search(rf"^(\*|\w+, )*{name}\b", section, re.MULTILINE), name
