"""Every field of a request that the contract accepts has an effect, or is refused or reported.

Each field is changed in a request that is otherwise the same; the reply, the stored records and
the results must differ. A field that is added to `openapi.yaml` is changed in the same way without
any change here, and fails the test until the engine heeds it; one whose values cannot be made up,
such as an id, also needs a line in `CHANGES`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import orjson
import pytest

from ionworks.server.app import LocalApp, create_app
from ionworks.server.http.contract import Contract
from ionworks.server.jobs.worker import worker_thread
from tests.end_to_end.field_outcomes import (
    CYCLES,
    Send,
    World,
    added,
    archived,
    changed,
    posted,
    repeated,
    simulated,
    templated,
    wait_until_ended,
)
from tests.end_to_end.field_requests import Schemas, shown
from tests.unit.server.engines import client_of

TAGS = (
    "simulation",
    "protocol",
    "model",
    "parameterized_model",
    "study",
    "cell_spec",
    "cell_instance",
)
THICKNESS = "Positive electrode thickness [m]"
RATED = {"value": 3.0, "unit": "A.h"}
REST = "steps: [{Rest: {duration: 1}}]"
DISCHARGE = "steps: [{Discharge: {mode: C-rate, value: \"input['rate']\", duration: 10}}]"
AMPERES = "steps: [{Discharge: {mode: Current, value: 1, duration: 10}}]"
TRIP = "steps: [{Drive: {drive_cycle: US06, mode: Current}}]"
LOOP = """
steps:
  - Control: {set_variable: [{name: VAR_N, eval: 0}]}
  - Lap: [{Rest: {duration: 1, set_variable: [{name: VAR_N, eval: VAR_N + 1}]}}]
  - Control: {ends: [{"VAR_N < 3": {goto: Lap}}]}
"""
LIMITED = "safety_limits: {voltage_min: 2.5, voltage_max: 4.2}\n"
POINTS = {"var_pts": {"r_n": 10}}

Body = dict[str, Any]
Pair = tuple[Body, Body]


def design(*rows: Body, **fields: Any) -> Body:
    """Return changes of a body: a cell with parameters that a design varies."""
    return {
        "parameterized_model": "spm-chen2020",
        "design_parameters_doe": {"sampling": "grid", "rows": list(rows), **fields},
    }


def row(kind: str, **fields: Any) -> Body:
    return {"type": kind, "name": THICKNESS, **fields}


def inline(name: str, parameter_set: str) -> Body:
    parameters = {"parameter_set": parameter_set}
    return {"parameterized_model": {"model_id": name, "parameters": parameters}}


def condition(rate: float, **parameters: float) -> Body:
    return {"experiment_parameters": {"rate": rate}, "design_parameters": parameters}


def quick(**fields: Any) -> Body:
    return {"parameterized_model": {"quick_model": fields}}


@contextmanager
def opened(folder: Path, contract: Contract | None = None) -> Iterator[World]:
    """Open an engine, with another contract if one is given, and make some records."""
    app = create_app(folder, workers=1, factory=worker_thread)
    services = app.services if contract is None else attrs.evolve(app.services, contract=contract)
    try:
        with client_of(LocalApp(services, None)) as api:
            world = World(api)
            made = world.made
            project = made("second project", "/projects", {"name": "second"})
            made("study", "/projects/default/studies", {"name": "study"})
            cell = {"name": "cell", "ratings": {"capacity": RATED}}
            made("cell", "/cell_specifications", cell)
            made("cell of project", "/cell_specifications", {**cell, "project_id": project})
            for label, text in (("discharge", DISCHARGE), ("rest", REST), ("loop", LOOP)):
                experiment = {"protocol_experiment": {"protocol": text, "name": label}}
                made(label, "/protocols/parse-to-template", experiment, "template_id")
            ids = {label: identifier for identifier, label in world.labels.items()}
            run = {
                "parameterized_model": {"quick_model": {}},
                "experiment_template_id": ids["discharge"],
                "experiment_parameter_sets": [{"rate": 1}, {"rate": 2}],
                "study_id": ids["study"],
            }
            reply = api.post("/simulations/with-template/batch", json=run).json()
            world.simulation_ids += [each["simulation_id"] for each in reply]
            world.labels |= {each: f"run {n}" for n, each in enumerate(world.simulation_ids)}
            wait_until_ended(world, world.simulation_ids)
            yield world
    finally:
        app.close()


def base(world: World, operation_id: str) -> tuple[Send, Body]:
    """Return how to send a request of an operation, and one that is accepted."""
    ids = {label: identifier for identifier, label in world.labels.items()}
    studies = "/projects/default/studies"
    cell = f"/cells/{ids['cell']}/parameterized_models"
    instances = f"/cell_specifications/{ids['cell']}/cell_instances"
    chen = {"parameters": {"parameter_set": "Chen2020"}}
    spm: Body = {"model_id": "spm", **chen}
    of_cell = {"name": world.name(), "ratings": {"capacity": RATED}}
    known: dict[str, tuple[Send, Body]] = {
        "create_simulations": (
            simulated,
            {
                "parameterized_model": {"quick_model": {"capacity": 2.0}},
                "experiment_template_id": ids["discharge"],
                "experiment_parameter_sets": [{"rate": 1}],
                # An equal run that is computed again has the same outcome.
                "reuse": False,
            },
        ),
        "plan_simulations": (
            posted("/simulations/plan"),
            {
                "parameterized_model": {"quick_model": {"capacity": 2.0}},
                "experiment_template_id": ids["discharge"],
                "experiment_parameter_sets": [{"rate": 1}],
            },
        ),
        "get_simulation_statuses": (
            posted("/simulations/statuses"),
            {"simulation_ids": world.simulation_ids},
        ),
        "download_simulation_results": (
            archived("/simulations/results"),
            {"simulation_ids": world.simulation_ids},
        ),
        "get_simulation_table": (
            posted("/simulations/table"),
            {"simulation_ids": world.simulation_ids},
        ),
        "cancel_simulations": (
            posted("/simulations/cancel"),
            {"simulation_ids": world.simulation_ids},
        ),
        "delete_simulations": (posted("/simulations/delete"), {"simulation_ids": ["missing"]}),
        "repeat_simulations": (
            repeated,
            {"simulation_ids": world.simulation_ids[:1], "reuse": False},
        ),
        "validate_protocol": (posted("/protocols/validate"), {"protocol": REST}),
        "find_protocol_input_references": (
            posted("/protocols/input_references"),
            {"protocol": REST},
        ),
        "parse_protocol_to_template": (
            templated,
            {"protocol_experiment": {"protocol": REST, "name": world.name()}},
        ),
        "convert_protocol": (
            posted("/protocols/convert"),
            {
                "protocol": AMPERES,
                "target": "neware",
                # Otherwise the file has the time at which it was written.
                "options": {"date": "2026-05-01"},
            },
        ),
        "create_protocol": (
            posted("/experiment_templates"),
            {"name": world.name(), "protocol_config": {"steps": [{"Rest": {"duration": 1}}]}},
        ),
        "update_protocol": (
            changed(
                "/experiment_templates",
                "/experiment_templates",
                {"protocol_config": {"steps": [{"Rest": {"duration": 1}}]}},
            ),
            {},
        ),
        "create_model": (posted("/models"), {"name": world.name(), "config": {"type": "SPM"}}),
        "update_model": (changed("/models", "/models", {"config": {"type": "SPM"}}), {}),
        "add_custom_variable": (added, {"name": "Twice [V]", "expression": '2 * "Voltage [V]"'}),
        "serialize_model": (
            posted("/discovery/ionworks_models/serialize"),
            {"name": "Thevenin"},
        ),
        "validate_pybamm_model": (
            posted("/discovery/pybamm_models/validate"),
            {"pybamm_model": "SPM"},
        ),
        "create_parameterized_model": (
            posted("/parameterized_models"),
            {"name": world.name(), **spm},
        ),
        "update_parameterized_model": (
            changed("/parameterized_models", "/parameterized_models", spm),
            {},
        ),
        "create_cell_parameterized_model": (posted(cell), {"name": world.name(), **spm}),
        "update_cell_parameterized_model": (changed(cell, cell, spm), {}),
        "create_study": (posted(studies), {"name": world.name()}),
        "update_study": (changed(studies, studies, {}), {}),
        "create_cell_spec": (posted("/cell_specifications"), of_cell),
        "update_cell_spec": (
            changed("/cell_specifications", "/cell_specifications", {"ratings": {}}),
            {},
        ),
        "create_cell_instance": (posted(instances), {"name": world.name()}),
        "update_cell_instance": (changed("/cell_instances", instances, {}), {}),
    }
    assert operation_id in known, f"say how a request of {operation_id} is sent"
    return known[operation_id]


def changes(world: World) -> dict[str, dict[str, Pair]]:
    """Return two changes of the request of an operation that differ in one field.

    For fields whose values cannot be made up from the schema, or that need others beside them.
    """
    ids = {label: identifier for identifier, label in world.labels.items()}
    discrete, spread = row("discrete", values=[7e-5]), row("range", min=7e-5, max=8e-5, count=2)
    normal = row("normal", mean=7e-5, std=1e-6, count=1)
    project = ({}, {"project_id": ids["second project"]})
    config: dict[str, Pair] = {"config": ({}, {"config": {"type": "SPMe"}})}
    settings: dict[str, Pair] = {"simulation_settings": ({}, {"simulation_settings": POINTS})}
    values: dict[str, Pair] = {
        "parameters": ({}, {"parameters": {"parameter_set": "Marquis2019"}}),
    }
    name = {"name": "Saved twice", "protocol_config": {"steps": [{"Rest": {"duration": 2}}]}}
    batch = {"batch_id": "lot 1"}
    drawn = {"sampling": "random", "count": 1, "seed": 1}
    of_runs: dict[str, Pair] = {
        "parameterized_model": ({}, {"parameterized_model": "spm-chen2020"}),
        "parameterized_model.quick_model.chemistry": ({}, quick(chemistry="LFP/Graphite")),
        "parameterized_model.quick_model.cell_spec_id": (
            quick(),
            quick(cell_spec_id=ids["cell"]),
        ),
        "parameterized_model.model_id": (inline("spm", "Chen2020"), inline("spme", "Chen2020")),
        "parameterized_model.parameters": (
            inline("spm", "Chen2020"),
            inline("spm", "Marquis2019"),
        ),
        "experiment_template_id": ({}, {"experiment_template_id": ids["loop"]}),
        "experiment_parameter_sets": ({}, {"experiment_parameter_sets": [{"rate": 2}]}),
        "design_parameters_doe.sampling": (
            design(normal, sampling="random", seed=1),
            design(normal, sampling="latin_hypercube", seed=1),
        ),
        "design_parameters_doe.rows": (design(discrete), design(spread)),
        "design_parameters_doe.rows[].type": (
            design({**discrete, "type": "discrete"}),
            design(spread),
        ),
        "design_parameters_doe.rows[].name": (
            design(discrete),
            design({**discrete, "name": "Negative electrode thickness [m]"}),
        ),
        "design_parameters_doe.rows[].values": (
            design(discrete),
            design({**discrete, "values": [8e-5]}),
        ),
        "design_parameters_doe.rows[].min": (design(spread), design({**spread, "min": 6e-5})),
        "design_parameters_doe.rows[].max": (design(spread), design({**spread, "max": 9e-5})),
        "design_parameters_doe.rows[].count": (design(spread), design({**spread, "count": 3})),
        "design_parameters_doe.rows[].mean": (
            design(normal, seed=1),
            design({**normal, "mean": 8e-5}, seed=1),
        ),
        "design_parameters_doe.rows[].std": (
            design(normal, seed=1),
            design({**normal, "std": 2e-6}, seed=1),
        ),
        "design_parameters_doe.count": (
            design(normal, **drawn),
            design(normal, **{**drawn, "count": 2}),
        ),
        "design_parameters_doe.seed": (
            design(normal, **drawn),
            design(normal, **{**drawn, "seed": 2}),
        ),
        "conditions": ({"conditions": [condition(1)]}, {"conditions": [condition(1)] * 2}),
        "conditions[].experiment_parameters": (
            {"conditions": [condition(1)]},
            {"conditions": [condition(2)]},
        ),
        "conditions[].design_parameters": (
            {"parameterized_model": "spm-chen2020", "conditions": [condition(1)]},
            {
                "parameterized_model": "spm-chen2020",
                "conditions": [condition(1, **{THICKNESS: 7e-5})],
            },
        ),
        "max_backward_jumps": (
            {"experiment_template_id": ids["loop"]},
            {"experiment_template_id": ids["loop"], "max_backward_jumps": 1},
        ),
        "extra_variables": ({}, {"extra_variables": ["Power [W]"]}),
        "reuse": (
            {"conditions": [condition(1)] * 2, "reuse": False},
            {"conditions": [condition(1)] * 2, "reuse": True},
        ),
    }
    return {
        "create_simulations": {
            **of_runs,
            "study_id": ({}, {"study_id": ids["study"]}),
            "project_id": project,
        },
        "plan_simulations": of_runs,
        "get_simulation_statuses": {
            "simulation_ids": ({}, {"simulation_ids": world.simulation_ids[:1]}),
            "limit": ({}, {"limit": 1}),
            "offset": ({}, {"offset": 1}),
        },
        "get_simulation_table": {
            "simulation_ids": ({}, {"simulation_ids": world.simulation_ids[:1]}),
        },
        "cancel_simulations": {"simulation_ids": ({}, {"simulation_ids": ["missing"]})},
        "delete_simulations": {"simulation_ids": ({}, {"simulation_ids": ["another"]})},
        "repeat_simulations": {
            "simulation_ids": ({}, {"simulation_ids": world.simulation_ids[1:2]}),
            "reuse": ({}, {"reuse": True}),
            "keep_studies": ({}, {"keep_studies": False}),
        },
        "download_simulation_results": {
            "simulation_ids": ({}, {"simulation_ids": world.simulation_ids[:1]}),
            "parts": ({}, {"parts": ["steps"]}),
            "columns": ({}, {"columns": ["Time [s]"]}),
        },
        "parse_protocol_to_template": {
            "protocol_experiment.protocol": ({}, experiment(AMPERES)),
            "protocol_experiment.drive_cycles": (
                experiment(TRIP, drive_cycles=CYCLES),
                experiment(TRIP, drive_cycles={"US06": [[0, 1], [1, 2]]}),
            ),
            "experiment_parameters": ({}, {"experiment_parameters": {"rate": 1}}),
            "project_id": project,
        },
        "find_protocol_input_references": {"protocol": ({}, {"protocol": DISCHARGE})},
        "convert_protocol": {
            "protocol": ({}, {"protocol": REST}),
            "target": ({}, {"target": "maccor"}),
            "drive_cycles": (
                {"protocol": LIMITED + TRIP, "target": "maccor", "drive_cycles": CYCLES},
                {
                    "protocol": LIMITED + TRIP,
                    "target": "maccor",
                    "drive_cycles": {"US06": [[0, 1], [1, 2]]},
                },
            ),
            "nominal_capacity_ah": (
                {"protocol": AMPERES.replace("Current", "C-rate"), "nominal_capacity_ah": 1},
                {"protocol": AMPERES.replace("Current", "C-rate"), "nominal_capacity_ah": 2},
            ),
            "experiment_parameters": ({}, {"experiment_parameters": {"rate": 1}}),
            "options": ({}, {"options": {"date": "2026-05-02"}}),
        },
        "create_protocol": {
            "protocol_config": ({}, {"protocol_config": {"steps": ["End"]}}),
            "project_id": project,
            "force_create": (name, {**name, "force_create": True}),
        },
        "create_model": {**config, **settings, "project_id": project},
        "update_model": settings,
        "add_custom_variable": {
            "expression": ({}, {"expression": '3 * "Voltage [V]"'}),
        },
        "serialize_model": {
            "name": ({}, {"name": "SPM"}),
            "options": ({}, {"options": {"diffusion element": "true"}}),
        },
        "validate_pybamm_model": {"options": ({}, {"options": {"thermal": "warm"}})},
        "create_parameterized_model": {
            **values,
            **settings,
            "model_id": ({}, {"model_id": "spme"}),
            "project_id": project,
        },
        "update_parameterized_model": {**values, **settings},
        "create_cell_parameterized_model": {
            **values,
            **settings,
            "model_id": ({}, {"model_id": "spme"}),
            "project_id": project,
        },
        "update_cell_parameterized_model": {**values, **settings},
        "create_cell_spec": {"project_id": project, **materials(world)},
        "update_cell_spec": materials(world),
        "create_cell_instance": {
            "batch_id": ({}, batch),
            "date_manufactured": ({}, {"date_manufactured": "2026-05-01"}),
        },
        "update_cell_instance": {
            "batch_id": ({}, batch),
            "date_manufactured": ({}, {"date_manufactured": "2026-05-01"}),
        },
    }


def materials(world: World) -> dict[str, Pair]:
    """Return the changes of the fields of materials, which need a name of their own beside them."""
    found: dict[str, Pair] = {}
    for slot in ("anode", "cathode", "electrolyte", "separator", "case"):
        for field, value in (("manufacturer", "a maker"), ("definition", {"x": 1})):
            before, after = {"name": world.name()}, {"name": world.name(), field: value}
            found[f"{slot}.material.{field}"] = (
                {slot: {"material": before}},
                {slot: {"material": after}},
            )
    return found


def experiment(protocol: str, **fields: Any) -> Body:
    return {"protocol_experiment": {"protocol": protocol, "name": "record 0", **fields}}


REFUSED = {
    ("create_protocol", "force_create"): "an existing protocol is a conflict then",
    ("create_cell_parameterized_model", "project_id"): "it must be that of the cell",
    ("plan_simulations", "protocol"): "a protocol is given by its id or by its text",
    ("plan_simulations", "drive_cycles"): "a saved protocol has them",
}
"""Fields whose effect is that the request is refused."""

UNSEEN = {
    ("convert_protocol", "verify"): "tests/unit/ucp/cyclers: it finds no difference here",
}
"""Fields whose effect another test shows."""


def faults(world: World, schemas: Schemas, operation_id: str) -> list[str]:
    """Return the fields of an operation without an effect, each with what happened."""
    schema = schemas.body(operation_id)
    assert schema is not None
    pairs = changes(world).get(operation_id, {})
    found = []
    places = list(schemas.places(schema))
    for place in places:
        field = shown(place)
        if (operation_id, field) in UNSEEN or (
            field not in pairs and any(other[: len(place)] == place != other for other in places)
        ):
            # The fields inside it are changed one by one.
            continue
        # Each has a name of its own, because most records are refused if the name is taken.
        (send, first), (_, second) = base(world, operation_id), base(world, operation_id)
        if field in pairs:
            change, other = pairs[field]
            first, second = {**first, **change}, {**second, **other}
        else:
            second = schemas.changed(second, schema, place)
        before, after = send(world, first), send(world, second)
        if before.status >= 300:
            found.append(f"{field}: the request without the change is refused: {before.seen}")
        elif after.status >= 300 and (operation_id, field) not in REFUSED:
            found.append(f"{field}: refused, though the contract has it: {after.seen}")
        elif before == after:
            found.append(f"{field}: no effect")
    return found


CONTRACT: Final = Contract()
SCHEMAS: Final = Schemas(CONTRACT.document)
OPERATIONS: Final = SCHEMAS.operations(TAGS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("fields")) as found:
        yield found


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_field_has_an_effect(world: World, operation_id: str) -> None:
    assert faults(world, SCHEMAS, operation_id) == []


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_the_same_request_has_the_same_outcome(world: World, operation_id: str) -> None:
    """Otherwise a field without an effect would not be found."""
    outcomes = []
    for _ in range(2):
        send, body = base(world, operation_id)
        outcomes.append(send(world, body))

    assert outcomes[0] == outcomes[1]


def test_the_lists_of_exceptions_name_fields_of_the_contract() -> None:
    for operation_id, field in (*REFUSED, *UNSEEN):
        schema = SCHEMAS.body(operation_id)
        assert schema is not None
        assert field in map(shown, SCHEMAS.places(schema))


@pytest.mark.off_contract("the engine has another contract")
def test_a_new_field_that_nothing_reads_is_found(tmp_path: Path) -> None:
    document = copy.deepcopy(CONTRACT.document)
    parts = document["components"]["schemas"]
    for name in ("SimulationBatchRequest", "QuickModel", "ProtocolExperiment", "StudyRequest"):
        parts[name]["properties"]["colour"] = {"type": "string"}
    schemas = Schemas(document)
    contract = Contract(orjson.dumps(document))

    with opened(tmp_path, contract) as world:
        found = {
            name: [fault.partition(",")[0] for fault in faults(world, schemas, name)]
            for name in ("create_simulations", "parse_protocol_to_template", "create_study")
        }

    assert found == {
        "create_simulations": [
            "parameterized_model.quick_model.colour: no effect",
            "colour: no effect",
        ],
        "parse_protocol_to_template": ["protocol_experiment.colour: no effect"],
        "create_study": ["colour: refused"],
    }
