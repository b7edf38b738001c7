import numpy as np

from ionworks.engine.arrays import false_position


def test_roots_are_found_to_the_tolerance_for_all_runs_at_once():
    wanted = np.array([0.2, 0.5, 0.9])

    roots = false_position(lambda x: x**5 - wanted, np.zeros(3), np.ones(3), 1e-13)

    np.testing.assert_allclose(roots, wanted**0.2, rtol=1e-12)


def test_the_search_ends_where_rounding_keeps_the_function_from_the_tolerance():
    calls = []

    def excess(x):
        calls.append(x)
        # Its values lie 4.5e-13 apart, because that is the rounding of the two terms.
        return (1e4 * x - 1e4 / 3) + 2e-13

    [root] = false_position(excess, np.zeros(1), np.ones(1), 1e-13)

    assert abs(root - 1 / 3) < 1e-15
    assert len(calls) < 10
