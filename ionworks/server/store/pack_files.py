"""Files of packs: the results of runs that were written together.

A pack is a folder with the steps and the time series of its runs, one run after the other. Each
row of the steps has the position of its run in the pack, and the rows of its step within the time
series of the run; so the steps say where the rows of a run are. The files of a single run need no
positions: those of earlier layouts are such packs.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import accumulate
from typing import IO, TYPE_CHECKING, Final

from attrs import define

from ionworks.server.store.blobs import STEPS, TIME_SERIES, Blobs, scan, size_of, write_parquet

if TYPE_CHECKING:
    import polars as pl

#: With which parquet files begin and end.
_MARK: Final = b"PAR1"
#: Column of the steps with the 0-based position of the run.
POSITION: Final = "Position"
_LAST_ROW: Final = "End index"
#: Rows of a file that are compressed together. One run of a pack is read with those around it.
_ROWS_TOGETHER: Final = 1 << 13


def write(
    blobs: Blobs,
    folder: str,
    steps: pl.DataFrame,
    time_series: pl.DataFrame,
    step_counts: Sequence[int],
) -> None:
    """Write a pack.

    Parameters
    ----------
    blobs, folder
        Where; the folder is a new one.
    steps, time_series
        Rows of all runs, one run after the other.
    step_counts
        Number of steps of each run.

    Raises
    ------
    OSError
        The disk is full, or fails in another way.
    """
    import numpy as np
    import polars as pl

    positions = np.repeat(np.arange(len(step_counts)), step_counts)
    # A clone: the caller's table stays as it is, because a write that fails is repeated.
    numbered = steps.clone().insert_column(0, pl.Series(POSITION, positions, pl.Int64))
    blobs.write_frame(f"{folder}/{STEPS}", numbered, rows_together=_ROWS_TOGETHER)
    blobs.write_frame(f"{folder}/{TIME_SERIES}", time_series, rows_together=_ROWS_TOGETHER)


@define(slots=False)
class Pack:
    """The open files of a pack, which can be read even if it is deleted meanwhile.

    What reads a file that is not what was written raises a DamagedFile exception.

    Attributes
    ----------
    steps_file, series_file
        Open for reading.
    rows
        Number of ``steps`` and ``points`` of each position; None to look them up in the files.
    """

    steps_file: IO[bytes]
    series_file: IO[bytes]
    rows: Mapping[str, Sequence[int]] | None = None

    @classmethod
    def opened(
        cls, blobs: Blobs, folder: str, rows: Mapping[str, Sequence[int]] | None = None
    ) -> Pack:
        """Open a pack.

        Raises
        ------
        FileNotFoundError
            A file of it is missing.
        """
        steps = blobs.open(f"{folder}/{STEPS}")
        try:
            return cls(steps, blobs.open(f"{folder}/{TIME_SERIES}"), rows)
        except BaseException:
            steps.close()
            raise

    def close(self) -> None:
        """Close the files."""
        self.steps_file.close()
        self.series_file.close()

    def __enter__(self) -> Pack:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def places(self) -> list[tuple[int, int, int, int]]:
        """First step, steps, first point and points of each position."""
        if self.rows is not None:
            steps, points = self.rows["steps"], self.rows["points"]
            return [*zip(_firsts(steps), steps, _firsts(points), points, strict=True)]
        return self._places_in_files()

    def _places_in_files(self) -> list[tuple[int, int, int, int]]:
        import numpy as np
        import polars as pl

        with _reading():
            frame = scan(self.steps_file)
            if POSITION not in frame.collect_schema():
                steps, points = (
                    scan(file).select(pl.len()).collect().item()
                    for file in (self.steps_file, self.series_file)
                )
                return [(0, steps, 0, points)]
            rows = frame.select(POSITION, _LAST_ROW).collect()
        # The steps of a run follow each other, and the last one ends with its last row.
        last = np.flatnonzero(np.diff(rows[POSITION].to_numpy(), append=-1))
        step_counts = np.diff(last, prepend=-1)
        points = rows[_LAST_ROW].to_numpy()[last] + 1
        columns = (last + 1 - step_counts, step_counts, np.cumsum(points) - points, points)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    @property
    def columns(self) -> list[str]:
        """Names of the columns of the time series."""
        with _reading():
            return scan(self.series_file).collect_schema().names()

    def steps(self, positions: Sequence[int]) -> pl.DataFrame:
        """Return the steps of the runs at some positions, in the order of these."""
        ranges = [self.places[position][:2] for position in positions]
        with _reading():
            found = _rows(scan(self.steps_file), ranges)
        if POSITION in found.columns:
            found.drop_in_place(POSITION)
        return found

    def time_series(
        self, positions: Sequence[int], columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Return the time series of the runs at some positions, or some columns of it.

        Columns that it does not have are left out.
        """
        ranges = [self.places[position][2:] for position in positions]
        with _reading():
            frame = scan(self.series_file)
            if columns is not None:
                known = frame.collect_schema()
                frame = frame.select([name for name in columns if name in known])
            return _rows(frame, ranges)


class DamagedFile(Exception):
    """A file of a pack is not what was written."""


@contextmanager
def _reading() -> Iterator[None]:
    import polars as pl

    try:
        yield
    # Some damage makes polars panic, which is not even an Exception.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DamagedFile(str(error)) from error


def refuse_incomplete(file: IO[bytes]) -> None:
    """Raise a DamagedFile exception for a file without the end of a parquet file."""
    size = size_of(file)
    file.seek(max(size - len(_MARK), 0))
    if size <= 2 * len(_MARK) or file.read() != _MARK:
        raise DamagedFile(f"it has {size} bytes and does not end like a parquet file")


def _firsts(counts: Sequence[int]) -> Iterator[int]:
    """Return the first row of each run, given the number of rows of each."""
    return accumulate(counts[:-1], initial=0)


def as_parquet(frame: pl.DataFrame) -> bytes:
    """Return a frame as the content of a parquet file."""
    stream = io.BytesIO()
    write_parquet(frame.lazy(), stream)
    return stream.getvalue()


def _rows(frame: pl.LazyFrame, ranges: Sequence[tuple[int, int]]) -> pl.DataFrame:
    """Return ranges of rows, given as first row and number, in the order of the ranges."""
    import numpy as np
    import polars as pl

    start = min((first for first, _ in ranges), default=0)
    end = max((first + rows for first, rows in ranges), default=0)
    read = frame.slice(start, end - start).collect()
    if not ranges:
        return read
    firsts, counts = (np.array(values) for values in zip(*ranges, strict=True))
    if counts.sum() == end - start and (np.diff(firsts) >= 0).all():
        return read
    shifts = firsts - start - (np.cumsum(counts) - counts)
    indexes = pl.Series(np.repeat(shifts, counts) + np.arange(counts.sum()))
    return read.select(pl.all().gather(indexes))
