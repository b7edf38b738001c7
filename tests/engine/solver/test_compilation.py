"""When models are compiled, and that their results stay the same."""

import gc
import logging
import platform
from pathlib import Path

import casadi
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ionworks.engine import simulate
from ionworks.engine.compile_setting import SETTING
from ionworks.engine.simulation import api
from ionworks.engine.solver import machine_code
from ionworks.engine.solver.compilation import LOOK_AFTER, Compilation, compiler
from ionworks.engine.solver.models import ModelCache
from tests.engine.runs import protocol

LONG = 1e9
"""A time [s] after which any model is worth compiling."""

HANGING = "#!/bin/sh\nexec sleep 1000\n"
FAILING = "#!/bin/sh\necho 'out of order' >&2\nexit 3\n"


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv(SETTING, "auto")
    monkeypatch.delenv("CC", raising=False)
    return tmp_path / "cache" / "ionworks" / "compiled"


@pytest.fixture
def use(monkeypatch, tmp_path):
    """Makes a shell script the compiler."""

    def use(script):
        path = tmp_path / "compiler"
        path.write_text(script)
        path.chmod(0o700)
        monkeypatch.setenv("CC", str(path))

    return use


def functions():
    time, state = casadi.SX.sym("t"), casadi.SX.sym("y", 2)
    return {"waves": casadi.Function("wave", [time, state], [casadi.sin(time * state)])}


ARGUMENTS = np.array(0.5), np.array([0.3, 1.7]), np.array([1.0])


def ended(compilation):
    """Return a compilation whose process has ended."""
    assert compilation.after(LONG, ARGUMENTS) is None
    assert compilation._process is not None
    compilation._process.wait()
    return compilation


def compiled():
    compilation = ended(Compilation(functions()))
    found = compilation.after(LONG, ARGUMENTS)
    assert found is not None
    return compilation, found


def test_compiled_functions_are_returned_once_when_they_are_there():
    compilation, found = compiled()
    assert found["waves"].class_name() == "External"
    values = [each["waves"](0.5, [0.3, 1.7]).nonzeros() for each in (found, functions())]
    assert values[0] == values[1]
    assert compilation.after(LONG, ARGUMENTS) is None


def test_the_next_process_finds_them_as_soon_as_it_has_worked_a_little():
    compiled()
    following = Compilation(functions())
    assert following.after(0.0, ARGUMENTS) is None
    assert following.after(LOOK_AFTER, ARGUMENTS) is not None
    assert following._process is None


def test_nothing_is_compiled_before_the_functions_were_used_for_long(cache):
    compilation = Compilation(functions())
    assert compilation.after(LOOK_AFTER, ARGUMENTS) is None
    assert compilation._process is None
    assert not cache.exists()


def test_other_compilers_and_functions_have_other_results(monkeypatch, tmp_path, cache):
    compiled()
    another = tmp_path / "another"
    another.write_text('#!/bin/sh\nexec cc "$@"\n')
    another.chmod(0o700)
    monkeypatch.setenv("CC", str(another))
    compiled()
    monkeypatch.setenv("CC", f"{another} -fno-common")
    compiled()
    assert len(list(cache.glob("*.so"))) == 3


def test_another_way_of_compiling_has_another_result(monkeypatch, tmp_path, cache):
    compiled()
    later = tmp_path / "machine_code.py"
    later.write_text(Path(machine_code.__file__).read_text() + "\n# of a later version\n")
    monkeypatch.setattr(machine_code, "__file__", str(later))
    compiled()
    assert len(list(cache.glob("*.so"))) == 2


@pytest.mark.parametrize(("flag", "files"), [("-march=native", 2), ("-O1", 1)])
def test_code_for_the_processor_of_one_machine_is_not_used_on_another(
    monkeypatch, cache, flag, files
):
    monkeypatch.setenv("CC", f"cc {flag}")
    for machine in ("one", "another"):
        monkeypatch.setattr(platform, "node", lambda name=machine: name)
        compilation = Compilation(functions())
        if compilation.after(LOOK_AFTER, ARGUMENTS) is None:
            assert ended(compilation).after(LONG, ARGUMENTS) is not None
    assert len(list(cache.glob("*.so"))) == files


def test_it_can_be_switched_off(monkeypatch, cache):
    monkeypatch.setenv(SETTING, "never")
    compilation = Compilation(functions())
    assert compilation.after(LONG, ARGUMENTS) is None
    assert compilation._process is None
    assert not cache.exists()


def test_always_compiles_at_once(monkeypatch):
    monkeypatch.setenv(SETTING, "always")
    assert Compilation(functions()).after(0.0, ARGUMENTS) is not None


def test_another_value_of_the_setting_is_rejected(monkeypatch):
    monkeypatch.setenv(SETTING, "maybe")
    with pytest.raises(ValueError, match="IONWORKS_COMPILE is 'maybe': set it to one of auto"):
        Compilation(functions())


@pytest.mark.parametrize(("value", "warnings"), [("auto", 0), ("always", 1)])
def test_without_a_compiler_nothing_is_compiled(
    monkeypatch, tmp_path, cache, caplog, value, warnings
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(SETTING, value)
    assert compiler() == ()
    assert Compilation(functions()).after(LONG, ARGUMENTS) is None
    assert not cache.exists()
    assert caplog.text.count("there is no C compiler") == warnings


@pytest.mark.parametrize("given", ["no-such-compiler -O9", "cc 'no end"])
def test_a_given_compiler_that_is_missing_is_named_and_not_replaced(monkeypatch, caplog, given):
    monkeypatch.setenv("CC", given)
    assert Compilation(functions()).after(LONG, ARGUMENTS) is None
    assert given in caplog.text


def test_a_compiler_that_fails_is_logged_once_and_not_tried_again(use, caplog):
    use(FAILING)
    compilation = ended(Compilation(functions()))
    assert compilation.after(LONG, ARGUMENTS) is None
    assert compilation.after(2 * LONG, ARGUMENTS) is None
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "out of order" in record.message

    following = Compilation(functions())
    assert following.after(LONG, ARGUMENTS) is None
    assert following._process is None
    assert len(caplog.records) == 1


def test_a_compiler_that_hangs_holds_nothing_up(use):
    use(HANGING)
    compilation = Compilation(functions())
    assert compilation.after(LONG, ARGUMENTS) is None
    assert compilation.after(LONG, ARGUMENTS) is None
    process = compilation._process
    assert process.poll() is None
    del compilation
    gc.collect()
    assert process.poll() is not None


def test_a_cache_folder_that_cannot_be_written_to_is_logged(cache, caplog):
    cache.parent.parent.touch()
    assert Compilation(functions()).after(LONG, ARGUMENTS) is None
    assert "Not a directory" in caplog.text


def test_functions_one_of_which_has_no_c_code_stay_as_they_are(caplog):
    value, time, state = casadi.MX.sym("x"), casadi.MX.sym("t"), casadi.MX.sym("y", 2)
    equation = casadi.Function("equation", [value, time], [value**3 + value - time])
    root = casadi.rootfinder("root", "newton", equation)(0.0, time)
    solved = casadi.Function("solved", [time, state], [root + state])
    compilation = ended(Compilation({**functions(), "solved": solved}))
    assert compilation.after(LONG, ARGUMENTS) is None
    assert "Code generation not supported" in caplog.text


@pytest.mark.parametrize("kind", ["linear", "bspline"])
def test_interpolation_tables_are_compiled(kind):
    grid = np.linspace(0, 1, 5)
    table = casadi.interpolant("table", kind, [grid], grid**2)
    time, state = casadi.MX.sym("t"), casadi.MX.sym("y", 2)
    looked_up = casadi.Function("looked_up", [time, state], [table(time) + state])
    found = ended(Compilation({"f": looked_up})).after(LONG, ARGUMENTS)
    points = [(each, [1.0, 2.0]) for each in np.linspace(-0.5, 1.5, 21)]
    assert all(found["f"](*each).nonzeros() == looked_up(*each).nonzeros() for each in points)


CURRENT_AND_VOLTAGE = (
    "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.2]}",
    "Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.5]}",
)
ALL_CONTROLS = (
    *CURRENT_AND_VOLTAGE,
    "Rest: {duration: 10 min}",
    "Discharge: {mode: Power, value: 10, ends: [Voltage < 3.4]}",
    "Discharge: {mode: C-rate, value: 0.5, ends: [Capacity > 0.2]}",
)


@pytest.mark.parametrize(
    ("model", "parameter_set", "steps", "models"),
    [
        ("SPM", "Chen2020", ALL_CONTROLS, 3),
        # Its open-circuit potential is a table.
        ("SPM", "OKane2022", CURRENT_AND_VOLTAGE, 2),
        ("SPMe", "Chen2020", CURRENT_AND_VOLTAGE[:1], 1),
        pytest.param("DFN", "Chen2020", CURRENT_AND_VOLTAGE[:1], 1, marks=pytest.mark.slow),
    ],
)
def test_results_are_those_of_the_interpreted_model(
    monkeypatch, cache, model, parameter_set, steps, models
):
    runs = [
        {"id": str(each), "design_parameters": {"Positive electrode thickness [m]": each * 1e-5}}
        for each in (6, 8)
    ]

    def outcomes(value):
        monkeypatch.setenv(SETTING, value)
        monkeypatch.setattr(api, "MODELS", ModelCache())
        specification = {"type": model, "parameter_set": parameter_set}
        found = simulate(specification, protocol(*steps, soc=0.3), runs)
        return {each.id: each for each in found}

    interpreted, with_machine_code = outcomes("never"), outcomes("always")
    assert len(list(cache.glob("*.so"))) == models
    for identifier, one in interpreted.items():
        other = with_machine_code[identifier]
        assert (one.error, other.error) == (None, None)
        assert one.steps["Termination"].to_list() == other.steps["Termination"].to_list()
        np.testing.assert_allclose(
            other.steps["Duration [s]"], one.steps["Duration [s]"], rtol=1e-5
        )
        for step in range(len(steps)):
            mine, theirs = (
                each.time_series.filter(pl.col("Step count") == step) for each in (one, other)
            )
            times = [each["Time [s]"] - each["Time [s]"][0] for each in (mine, theirs)]
            voltage = np.interp(times[0], times[1], theirs["Voltage [V]"])
            np.testing.assert_allclose(voltage, mine["Voltage [V]"], rtol=0, atol=2e-5)


def test_an_integrator_changes_to_compiled_functions_between_two_solves(monkeypatch, cache):
    monkeypatch.setattr(api, "MODELS", ModelCache())
    specification = {"type": "SPM", "parameter_set": "Chen2020"}
    discharge = protocol("Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.5]}", soc=1)
    run = {"id": "a"}

    [first] = simulate(specification, discharge, [run])
    [built] = [models.of("current") for models in _families()]
    integrator = built.integrator
    assert not list(cache.glob("*.so"))
    before = integrator._group
    integrator.worked = LONG
    [second] = simulate(specification, discharge, [run])
    integrator._compilation._process.wait()
    assert integrator._group is before
    [third] = simulate(specification, discharge, [run])
    assert integrator._group is not before
    for each in (second, third):
        assert_frame_equal(each.time_series, first.time_series, check_exact=True)


def test_a_compiled_file_that_disappears_while_it_is_loaded_changes_nothing(monkeypatch, caplog):
    monkeypatch.setattr(api, "MODELS", ModelCache())
    specification = {"type": "SPM", "parameter_set": "Chen2020"}
    rest = protocol("Rest: {duration: 1 min}")
    [first] = simulate(specification, rest, [{"id": "a"}])
    [built] = [models.of("current") for models in _families()]

    class Gone:
        def serialize(self):
            raise RuntimeError("Cannot load shared library")

    class Vanishing:
        def after(self, _worked, _arguments):
            return {**built.integrator._functions(), "events": Gone()}

    built.integrator._compilation = Vanishing()
    [second] = simulate(specification, rest, [{"id": "a"}])
    assert_frame_equal(second.time_series, first.time_series, check_exact=True)
    assert "could not be loaded" in caplog.text


def _families():
    from ionworks.engine.cells.registry import open_cell

    cell = open_cell({"type": "SPM", "parameter_set": "Chen2020"})
    return [api.MODELS.models(cell, frozenset(), (), 1)]
