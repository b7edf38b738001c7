"""Fields of data, entries and calculations: heeded or refused."""

import json

import pytest

from ionworks.engine.fitting.calculations.registry import CALCULATIONS, NOT_SUPPORTED
from tests.fit.schema import (
    ALGORITHMS,
    CALCULATION_FIELDS,
    CALCULATION_OPTIONS,
    COST_FIELDS,
    DATA_OPTIONS,
    ENTRIES_NOT_SUPPORTED,
    ENTRY_FIELDS,
    HINTS,
    OBJECTIVE_OPTIONS,
    OBJECTIVES_NOT_SUPPORTED,
    OF_FITS,
    TRANSFORMS,
    heeded,
    objective,
    problems,
    split,
    with_objective,
)


def test_descriptions_of_data():
    def described(**more):
        return with_objective({**objective("CurrentDriven"), "data": more})

    data = {"data": "db:discharge"}
    cases = [
        (name, described(**data, options={name: given})) for name, given in DATA_OPTIONS.items()
    ]
    taken, refused = split(cases)
    assert refused == {"first_step_dict", "last_step_dict"}
    assert taken == set(DATA_OPTIONS) - refused
    built = {"sort", "remove_duplicates"}
    for where in (lambda given: given, lambda given: {"transforms": given}):
        cases = [
            (name, described(**data, options=where({name: given})))
            for name, given in TRANSFORMS.items()
        ]
        taken, refused = split(cases)
        assert (taken, refused) == (built, set(TRANSFORMS) - built)
        # Switches that are off ask for nothing.
        off = dict.fromkeys(TRANSFORMS, False)
        assert problems(described(**data, options=where(off))) == []
    fields = {
        "analysis": {"analysis_id": "x"},
        "metadata": {"a": 1},
        "time_range": {"start": 1.0, "end": 2.0},
        "foo": 1,
    }
    taken, refused = split([(name, described(**data, **{name: x})) for name, x in fields.items()])
    assert (taken, refused) == ({"time_range"}, {"analysis", "foo"})
    for span in ({"start": 1.0}, {"start": "a", "end": 2.0}, {"start": 0, "end": 1, "until": 2}):
        assert not heeded(described(**data, time_range=span), "time_range")
    assert heeded(described(time_series="db:discharge", steps="db:discharge"), "steps")


def test_fields_of_an_entry():
    def known(**more):
        return {"element_type": "entry", "values": {"a": 1.0}, **more}

    taken, refused = split([(name, known(**{name: each})) for name, each in ENTRY_FIELDS.items()])
    assert (taken, refused) == (set(), set(ENTRY_FIELDS) - HINTS)
    assert not heeded(known(parameters={"a": 1.0}), "values and parameters")


@pytest.mark.parametrize("name", ENTRIES_NOT_SUPPORTED)
def test_entries_that_are_not_built(name):
    assert not heeded({"element_type": "entry", "name": name}, f"{name!r} is not supported")


@pytest.mark.parametrize("name", CALCULATIONS)
def test_fields_and_options_of_a_calculation(name):
    known = {
        "electrode": "positive",
        "data": "db:discharge",
        "method": "loading",
        "soc": 0.5,
        "voltage_limits": [3.0, 4.0],
        **dict.fromkeys(("base_parameter_name", "breakpoint_parameter_name"), "D"),
        **dict.fromkeys(("breakpoint1_parameter_name", "breakpoint2_parameter_name"), "D"),
        **{f"breakpoint{n}_values": [0.0, 1.0] for n in ("", 1, 2)},
    }
    calculation = CALCULATIONS[name]
    element = {"element_type": "calculation", "type": name}
    element |= {field: known[field] for field in calculation.needs}
    assert problems(element) == []
    taken, _ = split([(field, {**element, field: x}) for field, x in CALCULATION_FIELDS.items()])
    assert taken == set()
    cases = [
        (field, {**element, "options": {field: x}}) for field, x in CALCULATION_OPTIONS.items()
    ]
    taken, _ = split(cases)
    assert taken == {"x tolerance", "transformation", "scale factor"} & set(calculation.options)


def test_the_lists_are_complete():
    assert len(CALCULATIONS) + len(NOT_SUPPORTED) == 47
    assert len(OBJECTIVE_OPTIONS) + len(OBJECTIVES_NOT_SUPPORTED) == 13
    assert json.dumps([OF_FITS, OBJECTIVE_OPTIONS, COST_FIELDS, ALGORITHMS])
