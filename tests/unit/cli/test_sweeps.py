"""The configuration of a sweep."""

import pytest

from ionworks.cli.sweeps import with_values

ROW = {"name": "x", "type": "discrete", "values": [1.0, 2.0]}
RANGE = {"name": "rate", "type": "range", "min": 0.5, "max": 2.0}


def test_parameters_are_a_design():
    config, seed = with_values({"project_id": "p"}, [ROW], [])
    assert seed is None
    assert config == {
        "project_id": "p",
        "experiment_parameters": {},
        "design_parameters_doe": {"sampling": "grid", "rows": [ROW]},
    }


def test_one_value_of_an_input_is_shared():
    inputs = [
        {"name": "rate", "type": "discrete", "values": [0.5]},
        {"name": "cycle", "type": "discrete", "values": ["US06"]},
    ]
    config, _ = with_values({"experiment_parameters": {"rate": 9, "t": 25}}, [], inputs)
    assert config == {"experiment_parameters": {"rate": 0.5, "t": 25, "cycle": "US06"}}


def test_inputs_with_parameters_are_a_list_of_runs():
    inputs = [{"name": "rate", "type": "discrete", "values": [0.5, 1.0]}]
    config, _ = with_values({"experiment_parameters": {"rate": 9, "t": 25}}, [ROW], inputs)
    assert config["experiment_parameters"] == {"t": 25}
    assert "design_parameters_doe" not in config
    assert [
        (each["design_parameters"], each["experiment_parameters"]) for each in config["conditions"]
    ] == [
        ({"x": 1.0}, {"rate": 0.5}),
        ({"x": 1.0}, {"rate": 1.0}),
        ({"x": 2.0}, {"rate": 0.5}),
        ({"x": 2.0}, {"rate": 1.0}),
    ]


@pytest.mark.parametrize(("parameters", "inputs"), [([RANGE], []), ([], [RANGE])])
def test_random_runs_have_a_seed_that_gives_them_again(parameters, inputs):
    wanted = {"sampling": "latin_hypercube", "count": 20}
    first, seed = with_values({}, parameters, inputs, **wanted)
    assert seed is not None
    assert with_values({}, parameters, inputs, **wanted, seed=seed) == (first, seed)


def test_options_take_precedence_over_the_configuration():
    design = {"sampling": "random", "count": 3, "seed": 5, "rows": [ROW, RANGE]}
    row = {**ROW, "values": [7.0]}
    config, seed = with_values({"design_parameters_doe": design}, [row], [], count=4)
    assert seed == 5
    assert config["design_parameters_doe"] == {**design, "count": 4, "rows": [row, RANGE]}


@pytest.mark.parametrize(
    ("config", "parameters", "inputs", "options", "message"),
    [
        ({}, [], [], {"seed": 1}, "--seed has no effect"),
        ({"conditions": [{}]}, [ROW], [], {}, "'conditions'"),
        ({"conditions": [{}]}, [], [{**ROW, "values": [1.0]}], {}, "'conditions'"),
        ({}, [{**RANGE}], [{**RANGE}], {}, "'rate' is swept both"),
        ({}, [RANGE], [], {}, r"count is missing: in a grid"),
        ({"design_parameters_doe": {"rows": ["x"]}}, [ROW], [], {}, r"rows\[0\]"),
        ({"design_parameters_doe": {"rows": [{"type": "range"}]}}, [], [], {}, "name is missing"),
    ],
)
def test_contradictions_are_refused(config, parameters, inputs, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        with_values(config, parameters, inputs, **options)
