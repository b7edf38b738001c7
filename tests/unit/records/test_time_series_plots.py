"""The plots of results and measurements, from what they hold in memory."""

from __future__ import annotations

import pickle

import matplotlib as mpl
import pandas as pd
import polars as pl
import pytest

from ionworks.data.frames import time_series_frame
from ionworks.records.cell_measurement import CellMeasurement, MeasurementDetail
from ionworks.records.simulation import SimulationResult
from tests.measured import cycling

mpl.use("Agg")
SERIES = time_series_frame(cycling(cycles=2))
STEPS = (
    SERIES.group_by("Step count", "Cycle count", maintain_order=True)
    .last()
    .select("Step count", "Cycle count", "Discharge capacity [A.h]")
)
CYCLES = [{"Cycle count": 0, "x": 1.0}, {"Cycle count": 1, "x": None, "y": 2.0}]
RESULT = SimulationResult(SERIES, STEPS, {"Cycles": CYCLES})
RECORD = CellMeasurement.from_dict({"id": "m", "name": "cell 3"})
DETAIL = MeasurementDetail(RECORD, SERIES, STEPS, STEPS)


@pytest.mark.parametrize("record", [RESULT, DETAIL], ids=["result", "measurement"])
def test_results_and_measurements_have_the_same_plots(
    record: SimulationResult | MeasurementDetail,
) -> None:
    voltage, current = record.plot(cycle_range=0, label="a")
    assert len(voltage.lines[0].get_xdata()) == 33
    assert record.plot(["Voltage [V]", "Current [A]"], axes=[voltage, current]) == [
        voltage,
        current,
    ]
    assert len(record.plot("Voltage [V]", x="Capacity [A.h]", by="step")[0].lines) == 6
    assert len(record.plot_dqdv(resolution=0.005).lines) == 5
    assert record.plot_ocv(step_range=(0, 2)).get_ylabel() == "Voltage [V]"


def test_cycles_are_those_of_the_metrics_or_of_the_measurement() -> None:
    assert [*RESULT.plot_cycles("x").lines[0].get_xdata()] == [0, 1]
    assert DETAIL.plot_cycles(x="Step count").get_xlabel() == "Step count"
    with pytest.raises(ValueError, match="no 'Cycles'"):
        SimulationResult(SERIES, STEPS, {}).plot_cycles()


def test_the_cycles_of_a_result_are_a_frame_of_the_library_of_its_steps() -> None:
    columns = {"Cycle count": [0, 1], "x": [1.0, None], "y": [None, 2.0]}
    assert RESULT.cycles.equals(pl.DataFrame(columns))
    in_pandas = SimulationResult(SERIES, STEPS.to_pandas(), RESULT.metrics)
    pd.testing.assert_frame_equal(in_pandas.cycles, pd.DataFrame(columns))


def test_parts_that_were_not_read_are_an_error_that_says_how_to_read_them() -> None:
    empty = MeasurementDetail(RECORD)
    with pytest.raises(ValueError, match=r"no time series of measurement m .*include_time_series"):
        empty.plot()
    with pytest.raises(ValueError, match=r"no cycles of measurement m .*include_cycles"):
        empty.plot_cycles()


def test_results_can_still_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(RESULT))  # noqa: S301 - our own bytes
    assert again.time_series.equals(SERIES)
