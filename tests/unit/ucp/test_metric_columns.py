"""Metrics of many runs in columns."""

from __future__ import annotations

from ionworks.ucp.metric_columns import joined, metrics_of, picked

COLUMNS = {
    "Duration [s]": [10.0, 20.0],
    "Number of cycles": [2, 1],
    "Cycles": {"Cycle count": [[0, 1], [0]], "Duration [s]": [[4.0, 6.0], None]},
}
ROWS = [
    {
        "Duration [s]": 10.0,
        "Number of cycles": 2,
        "Cycles": [
            {"Cycle count": 0, "Duration [s]": 4.0},
            {"Cycle count": 1, "Duration [s]": 6.0},
        ],
    },
    {
        "Duration [s]": 20.0,
        "Number of cycles": 1,
        "Cycles": [{"Cycle count": 0, "Duration [s]": 20.0}],
    },
]


def test_a_run_with_one_cycle_takes_its_values_from_the_run():
    assert [metrics_of(COLUMNS, position) for position in (0, 1)] == ROWS


def test_a_list_of_cycles_is_a_value_like_others():
    columns = {name: [value] for name, value in ROWS[0].items()}
    assert metrics_of(columns, 0) == ROWS[0]


def test_runs_are_picked_in_any_order():
    found = picked(COLUMNS, [1, 0, 1])
    assert [metrics_of(found, position) for position in range(3)] == [ROWS[1], ROWS[0], ROWS[1]]


def test_groups_are_joined():
    found = joined([picked(COLUMNS, [0]), COLUMNS])
    assert [metrics_of(found, position) for position in range(3)] == [ROWS[0], *ROWS]
    assert joined([]) == {}
