"""Medians, tables and a description of the machine for all benchmarks."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterable, Sequence
from statistics import median

import psutil


def spread(samples: Sequence[float], digits: int = 1) -> str:
    """Return a median with its range: `12.3 (11.9-14.0)`."""
    low, middle, high = min(samples), median(samples), max(samples)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def family(process: psutil.Process | None = None) -> list[psutil.Process]:
    """Return a process, this one by default, and its living descendants."""
    parent = process or psutil.Process()
    return [parent, *parent.children(recursive=True)]


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the CPU time [s] of processes; those that have ended count nothing."""
    total = 0.0
    for each in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system
    return total


def command(process: psutil.Process) -> list[str]:
    """Return the command line of a process; an empty list if it has ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table with aligned columns."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in [header, *rows]
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def machine() -> str:
    """Describe the machine on which the figures were measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"Python {platform.python_version()}, {platform.system()}, {cores} cores"
