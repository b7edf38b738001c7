"""The fields of an element are read once when it is checked, and once when it runs."""

import pytest

from ionworks.engine import fitting
from ionworks.engine.fitting.elements import fit_parameters, fit_reader
from ionworks.engine.fitting.objectives import reader
from tests.fit.measurements import DIFFUSIVITY, entry, fit, measured

READERS = {
    (fit_reader, "read_optimizer"): 1,
    (fit_reader, "read_objective"): 1,
    (fit_reader, "read_parameters"): 1,
    (fit_parameters, "read_parameter"): 1,
    # The cost of the fit, and that of its objective.
    (fit_reader, "read_cost"): 1,
    (reader, "read_cost"): 1,
}


@pytest.fixture
def readings(monkeypatch):
    """Count the calls of each reader."""
    counts = dict.fromkeys(READERS, 0)
    for module, name in READERS:
        monkeypatch.setattr(module, name, _counted(getattr(module, name), counts, (module, name)))
    return counts


def _counted(read, counts, key):
    def counted(*given, **more):
        counts[key] += 1
        return read(*given, **more)

    return counted


def test_each_field_of_a_fit_is_read_once(readings):
    element = fit(DIFFUSIVITY, cost="MSE", optimizer="PointEstimate", options={"seed": 1})
    element["objectives"]["voltage"]["cost"] = "MSE"
    elements = {"known": entry(DIFFUSIVITY), "fit": element}

    assert fitting.check_elements(elements) == []
    assert readings == READERS

    fitting.run_pipeline(elements, {"db:discharge": measured()})
    assert readings == {key: 2 * count for key, count in READERS.items()}
