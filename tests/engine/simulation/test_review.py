"""The review of a sweep: as strict as preparing each run, and quick however many runs there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks.doe.run_columns import RunColumns
from ionworks.engine import names, review
from ionworks.engine.cells.plausibility import unusual
from ionworks.engine.simulation.preparation import Preparation, prepare
from tests.counting import count_calls

SPM = {"type": "SPM", "parameter_set": "Chen2020"}
THICKNESS = "Positive electrode thickness [m]"
MISSPELLED = "Positive electrode thicknes [m]"
POROSITY = "Positive electrode porosity"
CAPACITY = "Nominal cell capacity [A.h]"
UPPER = "Upper voltage cut-off [V]"
RATE = """
global: {initial_voltage: 4.1}
steps: [{Discharge: {mode: C-rate, value: "input['rate']", ends: ["Voltage < V_MIN"]}}]
"""
REST = "steps: [{Rest: {duration: 10}}]"

DESIGNS = st.dictionaries(
    st.sampled_from(
        [
            *(THICKNESS, MISSPELLED, POROSITY, CAPACITY, UPPER, "Ambient temperature [K]"),
            *("Positive electrode OCP [V]", "Lower voltage cut-off [V]"),
        ]
    ),
    st.sampled_from([7e-5, 8e-5, 6e-4, 0.3, 0.99, 4, 4.3, 5, -1.0, True, "thick", float("nan")]),
    max_size=2,
)
EXPERIMENTS = st.dictionaries(
    st.sampled_from(["rate", "Rate"]),
    st.sampled_from([1, 1.0, True, -1, 0.5, "1 / 2", "1 +", "Q_NOM", "other", float("inf"), []]),
    max_size=2,
)


def run(design=None, experiment=None):
    return {"design_parameters": design or {}, "experiment_parameters": experiment or {}}


def sweep(name, values):
    return [run({name: value}) for value in values]


def problems_of_one(found):
    """Return the verdict on a run as it is prepared to be computed."""
    preparation = prepare(SPM, RATE, ())
    try:
        preparation.run(found)
    except ValueError as error:
        return [str(each) for each in getattr(error, "problems", ())] or [str(error)]
    return []


@given(
    st.lists(st.tuples(EXPERIMENTS, st.integers(1, 3)), min_size=1, max_size=3),
    st.lists(st.sampled_from([THICKNESS, MISSPELLED, POROSITY, CAPACITY]), unique=True, max_size=2),
    st.data(),
)
def test_runs_as_columns_have_the_problems_and_notes_of_the_runs(shared, swept, data):
    count = sum(number for _, number in shared)
    values = st.lists(st.sampled_from([7e-5, 8e-5, 6e-4, 0.3, 4.0]), min_size=count, max_size=count)
    columns = RunColumns(shared, {name: data.draw(values) for name in swept})

    assert review(SPM, RATE, columns) == review(SPM, RATE, list(columns))


@given(st.lists(st.builds(run, DESIGNS, EXPERIMENTS), min_size=2, max_size=8))
def test_a_sweep_has_the_problems_and_notes_of_its_runs(runs):
    found = review(SPM, RATE, runs)

    expected = list(dict.fromkeys(each for one in runs for each in problems_of_one(one)))
    if expected:
        assert [each.rpartition(" (in ")[0] for each in found.problems] == expected
    elif not found.problems:
        alone = [review(SPM, RATE, [one]).notes[0] for one in runs]
        assert [set(notes) for notes in found.notes] == [set(notes) for notes in alone]
        for one, notes in zip(runs, found.notes, strict=True):
            sentences = {note.message for note in notes}
            numbers = one["design_parameters"].items()
            assert {unusual(name, value) for name, value in numbers} - {None} <= sentences
    else:
        assert all(each.startswith("the sweep changes nothing") for each in found.problems)


def test_a_problem_is_reported_once_with_the_runs_that_have_it():
    good = sweep(THICKNESS, [7e-5, 8e-5])
    wrong = sweep(MISSPELLED, [7e-5, 8e-5, 9e-5])

    def where(runs):
        [problem] = review(SPM, REST, runs).problems
        return problem.partition(" (")[2]

    assert where(wrong) == "in all 3 runs)"
    assert where(good + wrong) == "in 3 of 5 runs, the first with index 2)"
    assert where(good + wrong[:1]) == "in the run with index 2)"
    assert where(wrong[:1]) == ""


def test_a_name_is_looked_up_once_in_a_sweep(monkeypatch):
    searches = count_calls(monkeypatch, names, "similar_names")
    name = "Positive electrode thickne [m]"

    [problem] = review(SPM, REST, sweep(name, [7e-5 + n * 1e-9 for n in range(100)])).problems

    assert repr(THICKNESS) in problem
    assert len(searches) == 1


def test_a_review_ends_at_twenty_problems(monkeypatch):
    searches = count_calls(monkeypatch, names, "similar_names")
    runs = [run({f"Positive electrode {n}": 1.0}) for n in range(1000)]

    problems = review(SPM, REST, runs).problems

    assert len(problems) == 20
    assert problems[-1] == "there are more problems: the check ended at the run with index 19"
    assert len(searches) == 20


def test_unknown_extra_variables_are_described_up_to_twenty(monkeypatch):
    searches = count_calls(monkeypatch, names, "similar_names")
    wanted = [f"Terminal voltag{n} [V]" for n in range(1600)]

    problems = review(SPM, REST, [run()], extra_variables=wanted).problems

    assert len(problems) == 20
    assert problems[-1] == "1581 more extra variables cannot be recorded"
    assert len(searches) == 19
    [problem] = review(SPM, REST, [run()], extra_variables=wanted[:1] * 5).problems
    assert "'Terminal voltage [V]'" in problem


@pytest.mark.parametrize(
    "values",
    [
        [7e-5 + n * 1e-9 for n in range(100)],
        [6e-4 + n * 1e-9 for n in range(100)],  # unusual
        [1.0 + n * 1e-9 for n in range(100)],  # impossible
        [True] * 100,
    ],
)
def test_runs_that_differ_in_values_of_the_design_only_are_prepared_once(monkeypatch, values):
    prepared = count_calls(monkeypatch, Preparation, "_prepared")

    review(SPM, f"# {values[0]}\n{REST}", sweep(THICKNESS, values))

    assert len(prepared) <= 1


def test_inputs_without_values_are_found_once_for_their_names(monkeypatch):
    runs = [run({}, {"rat": 1 + n / 100}) for n in range(100)]
    prepared = count_calls(monkeypatch, Preparation, "_prepared")

    [problem] = review(SPM, RATE, runs).problems

    assert "no value for 'rate'" in problem
    assert "did you mean 'rat'" in problem
    assert not prepared


def test_a_sweep_of_many_names_is_compared_in_one_pass():
    runs = [run({}, {"rate": 1, f"unused {n}": 1}) for n in range(300)]

    problems = review(SPM, RATE, runs).problems

    assert len(problems) == 20
    assert problems[-1] == "and 281 more problems"
