"""The options with which a team is served."""

import pytest

from ionworks.server import options
from ionworks.server.team.limits import Limits


def test_a_team_is_served_when_it_is_asked_for_only():
    assert options.read([], {"IONWORKS_API_KEY": "shared"}).team is None
    assert options.read(["--team"], {}).team == Limits()
    assert options.read([], {"IONWORKS_TEAM": "1"}).team == Limits()
    assert options.read([], {"IONWORKS_TEAM": "0", "IONWORKS_API_KEY": "shared"}).team is None


def test_the_limits_of_users_are_given_on_the_line_or_in_the_environment():
    found = options.read(["--team", "--pending-runs", "5"], {"IONWORKS_LARGEST_SUBMISSION": "3"})
    assert found.team == Limits(pending_runs=5, largest_submission=3)
    assert found.api_key is None


def test_a_team_may_be_served_to_the_network():
    assert options.read(["--team", "--host", "0.0.0.0"], {}).host == "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize(
    ("line", "environment", "words"),
    [
        ("--team", {"IONWORKS_API_KEY": "shared"}, "unset IONWORKS_API_KEY"),
        ("--team --no-key", {}, "omit --no-key"),
        ("--no-key --pending-runs 5", {}, "add --team"),
        ("", {"IONWORKS_TEAM": "yes"}, "IONWORKS_TEAM='yes' is not 1 or 0"),
        ("--team", {"IONWORKS_PENDING_RUNS": "many"}, "is not a number"),
        ("--team --pending-runs 0", {}, "must be at least 1"),
        ("--role dispatch --team", {}, "has no effect with --role dispatch"),
    ],
)
def test_options_that_contradict_each_other_are_refused(line, environment, words):
    with pytest.raises(ValueError, match=words):
        options.read(line.split(), environment)
