"""No accepted field of a pipeline is unread; see `tests.fit.sweep`."""

import functools
import inspect
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import optimize

from ionworks.engine import fitting
from ionworks.engine.fitting.calculations import registry as calculations
from ionworks.engine.fitting.elements import entry, fit_reader
from ionworks.engine.fitting.objectives.registry import OBJECTIVES
from ionworks.engine.fitting.optimizers import registry as optimizers
from tests.fit.sweep import Table, mappings, outcome, with_unknown
from tests.fit.sweep_calculations import CALCULATION_TABLES
from tests.fit.sweep_objectives import OBJECTIVE_TABLES
from tests.fit.sweep_tables import FIT, KNOWN, OBJECTIVE, OF_FITS, TABLES, of_type, with_fit

ALL = {**TABLES, **OBJECTIVE_TABLES, **CALCULATION_TABLES}
SCIPY = [name for name, each in optimizers.OPTIMIZERS.items() if each.function]

# Names that the user chooses, and columns of data.
OPEN = ("variable_weights", "sigma", "variable_standard_deviations", "provenance", "metadata")


def with_marks(label):
    """Return a label; objectives take long, and their own tests reach the same code."""
    marks = [pytest.mark.unmeasured] if label in OBJECTIVE_TABLES else []
    return pytest.param(label, marks=marks, id=label)


@pytest.mark.parametrize("label", [with_marks(label) for label in ALL])
def test_every_field_changes_the_outcome(label):
    assert ALL[label].unread() == set()


def test_a_field_that_is_added_and_not_read_is_found(monkeypatch):
    # The test of this test: an accepted field without a case, and one whose case changes nothing.
    monkeypatch.setattr(fit_reader, "FIT_FIELDS", (*fit_reader.FIT_FIELDS, "new field"))
    assert fitting.check_elements(of_type("data_fit")({"new field": 3})) == []

    assert TABLES["data_fit"].unread() == {"new field"}

    cases = {**OF_FITS, "new field": 3}
    table = Table(lambda: fit_reader.FIT_FIELDS, of_type("data_fit"), cases)
    assert table.unread() == {"new field"}


@pytest.mark.parametrize(
    ("registry", "name", "added", "label"),
    [
        (OBJECTIVES["Pulse"], "options", ("new option",), "options of Pulse"),
        (entry.RECIPES, "bruggeman", ("new field",), "entry bruggeman"),
    ],
)
def test_options_that_are_added_and_not_read_are_found(monkeypatch, registry, name, added, label):
    if isinstance(registry, dict):
        monkeypatch.setitem(registry, name, (*registry[name], *added))
    else:
        monkeypatch.setattr(registry, name, (*getattr(registry, name), *added))
    table = ALL[label]
    given = {**table.cases, added[0]: 3}
    # Only the new field: the others are the subject of the test above.
    assert Table(lambda: added, table.place, table.cases).unread() == set(added)
    assert Table(lambda: added, table.place, given).unread() == set(added)


def test_every_kind_has_a_table():
    kinds = {
        element["element_type"]
        for table in ALL.values()
        for elements in table.elements()
        for element in elements.values()
    }
    assert set(fitting.ELEMENT_TYPES) <= kinds
    assert {f"objective {kind}" for kind in OBJECTIVES} <= set(ALL)
    assert {f"calculation {name}" for name in calculations.CALCULATIONS} <= set(ALL)
    assert {f"entry {name}" for name in entry.RECIPES} <= set(ALL)
    named = {f"optimizer {name}" for name in optimizers.OPTIMIZERS}
    assert named - {f"optimizer {name}" for name in SCIPY} <= set(ALL)


@pytest.mark.unmeasured
def test_unknown_fields_are_refused_everywhere():
    seen = set()
    for label, table in ALL.items():
        for elements in table.elements():
            if fitting.check_elements(elements):
                continue
            for place, given in mappings(elements):
                key = (place, given.get("type"), label if len(place) < 2 else "")
                if key in seen or is_open(place, given, elements):
                    continue
                seen.add(key)
                changed = with_unknown(elements, place)
                assert fitting.check_elements(changed), f"{label}: {'/'.join(map(str, place))}"
    assert len(seen) > 100


def is_open(place, given, elements):
    """Return whether a mapping may have any names."""
    has_readers = any("objectives" in element for element in elements.values())
    is_result = place[-1:] == ("values",) and not has_readers
    is_table = bool(given) and all(isinstance(each, list) for each in given.values())
    # Values of a stored model are noted and not refused.
    is_of_model = place[-2:] == ("model", "parameters")
    return is_table or is_result or is_of_model or bool(set(OPEN) & set(place))


@pytest.mark.parametrize("name", SCIPY)
def test_scipy_gets_every_keyword(monkeypatch, name):
    function = optimizers.OPTIMIZERS[name].function
    theirs = getattr(optimize, function)
    received = {}

    @functools.wraps(theirs)
    def recorded(*_, **keywords):
        received.update(keywords)
        raise InterruptedError

    monkeypatch.setattr(optimize, function, recorded)
    problem = SimpleNamespace(
        coordinates=SimpleNamespace(low=np.zeros(1), high=np.ones(1)),
        costs=lambda points: np.ones(len(points)),
    )
    keywords = set(inspect.signature(theirs).parameters) - set(optimizers._SET_BY_US)
    # Polishing is the engine's own, with gradients in one solve; see the next test.
    for keyword in keywords - {"polish"}:
        value = {"method": "Powell", "options": {"maxls": 7}}.get(keyword, 7)
        with pytest.raises(InterruptedError):
            optimizers.OPTIMIZERS[name].search(
                problem, np.array([0.5]), {keyword: value}, np.random.default_rng(0)
            )
        assert received[keyword] == value, keyword


@pytest.mark.parametrize("name", SCIPY)
def test_iterations_of_scipy_are_limited(name):
    few = {"niter": 6} if name == "ScipyBasinhopping" else {}
    few = {"maxiter": 6} if "Annealing" in name or "Evolution" in name else few
    table = Table(
        lambda: ("max_iterations",),
        lambda fields: with_fit(optimizer={"type": name, **few, **fields}),
        {"max_iterations": 2 if name == "ScipyShgo" else 1},
    )
    assert table.unread() == set()


def test_other_fields_of_optimizers():
    evolution = {"type": "ScipyDifferentialEvolution", "maxiter": 1, "tol": 0, "popsize": 4}
    polished, rough = (
        outcome(with_fit(optimizer={**evolution, "polish": polish})) for polish in (True, False)
    )
    assert polished != rough
    table = Table(
        lambda: ("method",),
        lambda fields: with_fit(optimizer={"type": "Pints", "max_iterations": 2, **fields}),
        {"method": "PSO"},
    )
    assert table.unread() == set()


def optimizer(kind, **options):
    return {"optimizer": {"type": kind, **options}}


def cost(kind, **options):
    return {"cost": {"type": kind, **options}}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"objective_parallelism": "on"}, "'objective_parallelism' has no effect"),
        ({"options": {"validate": False}}, "options: 'validate' has no effect"),
        ({"options": {"skip_objective_callbacks": True}}, "options: 'skip_objective_callbacks'"),
        ({"options": {"max_iterations": 3}}, "'max_iterations' has no effect"),
        ({"initial_guess_sampler": "Uniform"}, "has no effect without 'multistarts'"),
        (optimizer("CMAES", log_to_screen=True, max_iterations=1), "optimizer: 'log_to_screen'"),
        (
            optimizer("ScipyMinimize", method="Nelder-Mead", options={"disp": True}),
            "optimizer: options: 'disp' has no effect",
        ),
    ],
)
def test_fields_without_effect_are_noted(fields, words):
    found = fitting.run_pipeline(with_fit(**fields), {})
    assert any(note.startswith("element 'it': ") and words in note for note in found["notes"])
    assert found["element_results"]["it"]["notes"]


def test_defaults_that_clients_write_out_are_not_noted():
    written = {
        "objective_parallelism": "auto",
        "options": {"validate": True, "skip_objective_callbacks": False},
        **optimizer("CMAES", log_to_screen=False, max_iterations=1),
    }
    found = fitting.run_pipeline(with_fit(**written), {})
    assert not any("no effect" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (cost("MSE", variable_weights={"Voltag [V]": 2}), "did you mean 'Voltage [V]'"),
        (
            cost("ChiSquare", variable_standard_deviations={"Voltage [V]": 1, "V": 1}),
            "no objective compares 'V'",
        ),
    ],
)
def test_variables_of_costs_that_are_not_compared_are_refused(fields, words):
    with pytest.raises(fitting.PipelineError, match="no objective compares") as caught:
        fitting.run_pipeline(with_fit(**fields), {})
    assert words in str(caught.value)


TWICE = {**OBJECTIVE, "model": {"type": "SPM"}, "options": {"model": {"type": "SPMe"}}}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (optimizer("ScipyMinimize", options={"maxitre": 3}), "Unknown solver options: maxitre"),
        (optimizer("ScipyMinimize", options={"eps": 1e-3}), "'eps' is set by the fit"),
        (
            optimizer("DifferentialEvolution", algorithm_options={"F": 1, "dither": [0, 1]}),
            "both set the mutation",
        ),
        ({"initial_guess_sampler": {"type": "Uniform", "n": 3}}, "has no field 'n'"),
        ({"objectives": {"v": TWICE}}, "give only one"),
    ],
)
def test_fields_that_would_be_dropped_are_refused(fields, words):
    found = fitting.check_elements(with_fit(**fields))
    assert any(words in problem for problem in found), found


def test_sources_are_part_of_the_result():
    provenance = {"a": {"path": "x", "value": 1.0}}
    known = {**KNOWN, "source": "a paper", "provenance": provenance}
    found = fitting.run_pipeline({"known": known, "it": FIT}, {})["element_results"]["known"]
    assert (found["source"], found["provenance"]) == ("a paper", provenance)
