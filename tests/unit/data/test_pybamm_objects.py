"""PyBaMM objects as JSON values, with and without PyBaMM."""

import functools
import sys
from typing import Any

import pybamm
import pytest

from ionworks.data.pybamm_objects import (
    is_model,
    is_parameter_values,
    wire_parameters,
    with_plain_objects,
    zoo_model,
)


def test_other_values_are_returned_unchanged() -> None:
    value = {"a": [1, {"b": "text"}], "c": None, "d": len}
    assert with_plain_objects(value, "data") == value


def test_objects_are_found_at_any_depth() -> None:
    value = {"a": [{"b": pybamm.Parameter("x") + 1}], "c": pybamm.lithium_ion.SPM()}
    found = with_plain_objects(value, "data")
    symbol = pybamm.expression_tree.operations.serialise.convert_symbol_from_json(
        found["a"][0]["b"]
    )
    assert symbol == pybamm.Parameter("x") + 1
    assert found["c"]["type"] == "SPM"


def test_an_experiment_is_written_as_its_cycles() -> None:
    experiment = pybamm.Experiment([("Discharge at C/5 until 2.5 V", "Rest for 10 minutes")] * 2)
    found = with_plain_objects({"experiment": experiment}, "data")["experiment"]
    assert [[step["type"] for step in cycle] for cycle in found["cycles"]] == [
        ["c-rate", "rest"],
        ["c-rate", "rest"],
    ]


def power(base: Any, exponent: float) -> Any:
    return base**exponent


def test_a_partial_function_is_written_as_a_function_of_its_other_arguments() -> None:
    square = functools.partial(power, exponent=2)
    found = with_plain_objects({"A": square}, "data")
    values = pybamm.ParameterValues.from_json(found)
    assert values.evaluate(pybamm.FunctionParameter("A", {"base": pybamm.Scalar(3)})) == 9


def test_classes_of_the_same_name_are_not_taken_for_those_of_pybamm() -> None:
    own = type("BaseModel", (), {})()
    assert not is_model(own)
    assert not is_parameter_values(type("ParameterValues", (), {})())
    assert is_model(pybamm.lithium_ion.SPM())
    assert is_parameter_values(pybamm.ParameterValues({}))


def test_sets_the_service_knows_by_name_do_not_need_pybamm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pybamm", None)
    assert wire_parameters("Chen2020", "p", sets_by_name=True) == {"parameter_set": "Chen2020"}
    with pytest.raises(ImportError, match=r"'Chen2020': pip install 'ionworks-api\[local\]'"):
        wire_parameters("Chen2020", "p", sets_by_name=False)
    with pytest.raises(ImportError, match="build the model 'SPM': pip install"):
        zoo_model("SPM", None)
