"""The engine runs experiments of public examples as PyBaMM does."""

import pytest

from tests.engine.agreement import disagreements, engine_run, pybamm_steps
from tests.engine.public.ageing import AGEING
from tests.engine.public.models import CIRCUITS, MODELS
from tests.engine.public.protocols import CYCLES, TUTORIALS
from tests.engine.public.pybop import PYBOP_CASES

pytestmark = pytest.mark.unmeasured

PUBLIC = TUTORIALS | CYCLES | MODELS | CIRCUITS | PYBOP_CASES | AGEING


# PyBaMM's last time of a drive cycle may be after its last sample, by rounding.
@pytest.mark.filterwarnings("ignore:.*extrapolation.*Drive Cycle:pybamm.SolverWarning")
@pytest.mark.parametrize("name", PUBLIC)
def test_public_experiment_equals_pybamm(name):
    case = PUBLIC[name]
    assert disagreements(case, engine_run(case), pybamm_steps(case)) == []


def test_the_examples_cover_the_parameter_sets_and_models():
    assert len(PUBLIC) >= 60
    assert len({case.parameter_set for case in PUBLIC.values()} - {"ECM_Example"}) == 10
    assert len({case.model for case in PUBLIC.values()}) == 6
