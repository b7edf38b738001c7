"""Every field of a model specification and of its settings changes a run, or is refused."""

from typing import Any

import attrs
import pytest

from ionworks.engine import check, serialise, simulate
from ionworks.engine.cells.discretisation import _NOT_SETTABLE, DISCRETISATION_PARTS
from ionworks.engine.cells.specification import ModelSpecification, QuickSpecification

PROTOCOL = "steps: [{Discharge: {mode: C-rate, value: 2, duration: 60}}]"
THICKNESS = "Negative electrode thickness [m]"
SPM: dict[str, Any] = {"type": "SPM", "parameter_set": "Chen2020", "options": {}, "parameters": {}}
DOUBLE = {"Double [V]": '2 * "Voltage [V]"'}
TRIPLE = {"Double [V]": '3 * "Voltage [V]"'}

MODELS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "model": ({}, {"type": "SPMe"}),
    "options": ({}, {"options": {"thermal": "lumped"}}),
    "parameter_set": ({}, {"parameter_set": "Marquis2019"}),
    "parameters": ({}, {"parameters": {THICKNESS: 6e-5}}),
    "variables": ({"variables": DOUBLE}, {"variables": TRIPLE}),
    "settings": ({}, {"settings": {"var_pts": {"r_n": 5}}}),
}
SETTINGS: dict[str, Any] = {
    "var_pts": {"r_n": 5},
    "submesh_types": {
        "negative particle": {
            "class": "Exponential1DSubMesh",
            "submesh_params": {"side": "right", "stretch": 3.0},
        }
    },
    "spatial_methods": {
        "negative particle": {
            "class": "FiniteVolume",
            "options": {"extrapolation": {"order": {"value": "quadratic"}}},
        }
    },
}


def seen(model: dict[str, Any]) -> Any:
    """Return the outcome of a short run of a model."""
    extra = list(model.get("variables", ()))
    [outcome] = simulate(model, PROTOCOL, [{"id": "only"}], extra_variables=extra)
    assert outcome.time_series is not None
    return outcome.time_series.to_dicts()


def test_every_field_of_a_model_is_tried() -> None:
    fields = {field.name for field in attrs.fields(ModelSpecification)}
    # Only a custom model has these. Its chemistry decides where the class of the document's model
    # is not known; see test_models_against_pybamm.
    assert fields == MODELS.keys() | {"document", "chemistry"}
    assert ("geometry", *SETTINGS) == DISCRETISATION_PARTS
    assert "geometry" in _NOT_SETTABLE


@pytest.mark.parametrize("field", MODELS)
def test_a_field_of_a_model_changes_the_run(field: str) -> None:
    before, after = ({**SPM, **change} for change in MODELS[field])

    assert seen(before) != seen(after)


def test_the_document_of_a_custom_model_is_read() -> None:
    def circuit(options: dict[str, int]) -> dict[str, Any]:
        document = serialise("Thevenin", options)
        return {"type": "custom", "document": document, "parameter_set": "ECM_Example"}

    assert seen(circuit({})) != seen(circuit({"number of rc elements": 0}))


@pytest.mark.parametrize("field", ["capacity", "parameter_set", "resistance_pct"])
def test_a_field_of_a_quick_model_changes_the_run(field: str) -> None:
    assert field in {each.name for each in attrs.fields(QuickSpecification)}
    other = {"capacity": 2.0, "parameter_set": "LFP/Graphite", "resistance_pct": 5.0}[field]
    key = "chemistry" if field == "parameter_set" else field

    assert seen({"type": "quick"}) != seen({"type": "quick", key: other})


@pytest.mark.parametrize("part", SETTINGS)
def test_a_setting_changes_the_run(part: str) -> None:
    assert seen(SPM) != seen({**SPM, "settings": {part: SETTINGS[part]}})


@pytest.mark.parametrize("part", _NOT_SETTABLE)
def test_a_part_that_cannot_be_set_is_refused(part: str) -> None:
    [problem] = check({**SPM, "settings": {part: {}}}, PROTOCOL, [{"id": "only"}])

    assert f"simulation_settings.{part}" in problem


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"mesh": {}}, "unknown 'mesh'"),
        ({"var_pts": {"r_m": 5}}, "no 'r_m'"),
        (
            {
                "submesh_types": {
                    "negative particle": {
                        "class": "Exponential1DSubMesh",
                        "params": {"side": "left"},
                    }
                }
            },
            "unknown key 'params'",
        ),
        (
            {"spatial_methods": {"negative particle": {"class": "FiniteVolume", "option": {}}}},
            "unknown key 'option'",
        ),
        (
            {
                "spatial_methods": {
                    "negative particle": {
                        "class": "FiniteVolume",
                        "options": {"extrapolaton": {"use bcs": True}},
                    }
                }
            },
            "unknown key 'extrapolaton'",
        ),
        (
            {
                "spatial_methods": {
                    "negative particle": {
                        "class": "FiniteVolume",
                        "options": {"extrapolation": {"order": {"values": "quadratic"}}},
                    }
                }
            },
            "unknown key 'values'",
        ),
    ],
)
def test_an_unknown_part_of_the_settings_is_refused(settings: Any, words: str) -> None:
    [problem] = check({**SPM, "settings": settings}, PROTOCOL, [{"id": "only"}])

    assert words in problem
