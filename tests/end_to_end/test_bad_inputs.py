"""Bad inputs that only the embedded engine can reject, and the messages that explain them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError, NotFoundError
from tests.bad_inputs import (
    PROTOCOL,
    THICKNESS,
    Refusal,
    check,
    configuration,
    ids,
    protocol,
    row,
)


def test_the_folder_of_an_engine_cannot_be_a_file(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")

    with pytest.raises((OSError, ValueError)) as caught:
        Ionworks.local(occupied).close()

    assert f"{occupied} is a file or inside a file: name a folder" in str(caught.value)


# ---------------------------------------------------------------- what only the engine can know


def steps(text: str, settings: str = "") -> str:
    """A protocol of the given steps; `text` is indented as YAML under `steps:`."""
    return f"{settings}steps:\n{text}\n"


DISCHARGE = "  - {direction: Discharge, mode: C-rate, value: 1, ends: [{variable: 'Voltage [V]', value: 2.5}]}"
LANGUAGE = [
    ("not YAML", "steps: [", ("line",)),
    ("empty", "", ("steps",)),
    ("a word", "discharge", ("steps",)),
    ("no steps", "global: {initial_soc: 1}\n", ("steps",)),
    ("empty steps", "steps: []\n", ("steps",)),
    ("unknown top-level key", f"stesp: 1\n{steps(DISCHARGE)}", ("stesp", "steps")),
    ("unknown global", f"global: {{initial_sock: 1}}\n{steps(DISCHARGE)}", ("initial_sock", "initial_soc")),
    ("soc above all", f"global: {{initial_soc: 101}}\n{steps(DISCHARGE)}", ("101", "100")),
    ("unknown direction", steps("  - {direction: Sideways, mode: C-rate, value: 1, duration: 60}"), ("Sideways", "Discharge")),
    ("unknown mode", steps("  - {direction: Charge, mode: C-rat, value: 1, duration: 60}"), ("C-rat", "C-rate")),
    ("no value", steps("  - {direction: Charge, mode: C-rate, duration: 60}"), ("value",)),
    ("value in words", steps("  - {direction: Charge, mode: C-rate, value: fast, duration: 60}"), ("fast",)),
    ("step that never ends", steps("  - {direction: Charge, mode: C-rate, value: 1}"), ("ends", "duration")),
    ("unknown step key", steps("  - {direction: Charge, mode: C-rate, value: 1, duratoin: 60}"), ("duratoin", "duration")),
    ("negative duration", steps("  - {direction: Charge, mode: C-rate, value: 1, duration: -60}"), ("duration", "above 0")),
    ("end on an unknown variable", steps("  - {direction: Charge, mode: C-rate, value: 1, ends: [{variable: 'Volts', value: 4.2}]}"), ("Volts", "ends[0]")),
    ("end without value", steps("  - {direction: Charge, mode: C-rate, value: 1, ends: [{variable: 'Voltage [V]'}]}"), ("value",)),
    ("end that is no condition", steps("  - {direction: Charge, mode: C-rate, value: 1, ends: ['Voltage >']}"), ("ends[0]", "value")),
    ("unclosed input", steps("  - {direction: Charge, mode: C-rate, value: 'input[\"C-rate\"', duration: 60}"), ("input",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), [each[1:] for each in LANGUAGE], ids=[each[0] for each in LANGUAGE])  # fmt: skip
def test_a_bad_protocol_is_explained(
    local_client: Ionworks, text: str, words: tuple[str, ...]
) -> None:
    answer = local_client.protocol.validate(text)

    assert answer["valid"] is False
    missing = [word for word in words if word.lower() not in answer["error"].lower()]
    assert not missing, f"{missing} not in: {answer['error']}"


@pytest.fixture
def model_id(local_client: Ionworks) -> str:
    models = local_client.parameterized_model.list_by_project()
    return next(each.id for each in models if each.name == "SPM Chen2020")


def submitted(**changes: Any) -> Callable[[Ionworks, str], Any]:
    """Submit a modified valid configuration of the model that is given later."""
    return lambda client, model: client.simulation.protocol_batch(
        configuration(**{"parameterized_model": model, **changes})
    )


def experiment(text: str) -> dict[str, str]:
    return {"protocol": text, "name": "x"}


RATE_INPUT = "  - {direction: Discharge, mode: C-rate, value: 'input[\"Rate\"]', duration: 60}"
ENGINE = [
    Refusal("bad protocol", submitted(protocol_experiment=experiment(LANGUAGE[8][1])), IonworksError, ("Sideways", "steps[0]")),
    Refusal("misspelled parameter", submitted(design_parameters_doe=row(name="Positive electrode thicknes [m]")), IonworksError, ("thicknes", THICKNESS)),
    Refusal("misspelled diffusivity", submitted(design_parameters_doe=row(name="Negative particle diffusivty [m2.s-1]")), IonworksError, ("diffusivty", "Negative particle diffusivity [m2.s-1]")),
    Refusal("misspelled variable", submitted(extra_variables=["Voltag [V]"]), IonworksError, ("Voltag [V]", "Voltage [V]")),
    Refusal("input without value", submitted(protocol_experiment=experiment(steps(RATE_INPUT))), (IonworksError, ValueError), ("Rate",)),
    Refusal("initial voltage outside the window", submitted(protocol_experiment=experiment(PROTOCOL.replace("initial_soc: 1", "initial_voltage: 9.9"))), IonworksError, ("9.9",)),
    Refusal("inline set the engine has not", submitted(parameterized_model={"model_id": "spm", "parameters": "Chen2021"}), IonworksError, ("Chen2021", "Chen2020")),
    Refusal("inline parameter that is missing", submitted(parameterized_model={"model_id": "spm", "parameters": {"Nominal cell capacity [A.h]": 5}}), IonworksError, ("Lower voltage cut-off [V]",)),
    Refusal("inline parameter that is misspelled", submitted(parameterized_model={"model_id": "spm", "parameters": {"parameter_set": "Chen2020", "Contact resistanc [Ohm]": 1}}), IonworksError, ("Contact resistanc [Ohm]", "Contact resistance [Ohm]")),
    Refusal("misspelled option", lambda client, _: client.model.create({"name": "n", "config": {"type": "SPM", "options": {"termal": "lumped"}}}), IonworksError, ("termal", "thermal")),
    Refusal("formula of nothing", lambda client, _: client.model.add_custom_variable("spm", {"name": "x", "expression": "Voltag [V] * 2"}), IonworksError, ("Voltag [V]", "Voltage [V]")),
    Refusal("unknown chemistry", submitted(parameterized_model={"quick_model": {"capacity": 1.0, "chemistry": "Na/Hope"}}), IonworksError, ("Na/Hope", "LFP/Graphite")),
]  # fmt: skip


@pytest.mark.parametrize("row", **ids(ENGINE))
def test_the_engine_rejects_at_submission(
    row: Refusal, local_client: Ionworks, model_id: str
) -> None:
    check(row, local_client, model_id)


@pytest.mark.parametrize(
    "look",
    [
        lambda client: client.simulation.get("unknown-id"),
        lambda client: client.simulation.get("../projects"),
        lambda client: client.simulation.get_result("unknown-id"),
        lambda client: client.simulation.delete("unknown-id"),
        lambda client: client.job.get("unknown-id"),
        lambda client: client.project.get("unknown-id"),
        lambda client: client.parameterized_model.get("unknown-id"),
        protocol(parameterized_model="unknown-id"),
    ],
    ids=["simulation", "traversal", "result", "deletion", "job", "project", "model", "submission"],
)
def test_an_unknown_id_is_a_lookup_error_that_names_it(
    client: Ionworks, look: Callable[[Ionworks], Any]
) -> None:
    with pytest.raises(NotFoundError) as caught:
        look(client)

    assert isinstance(caught.value, LookupError)
    assert "unknown-id" in str(caught.value) or "projects" in str(caught.value)
