"""What the engine tells of its runs while it computes them."""

from ionworks.engine import phases, simulate, told_to

PROTOCOL = {
    "global": {"initial_soc": 0.5, "temperature": 25},
    "steps": [
        {"Rest": {"duration": 60}},
        {
            "Cycling": {
                "repeat": 2,
                "steps": [
                    {"Discharge": {"mode": "C-rate", "value": 1, "duration": 60}},
                    {"Charge": {"mode": "Voltage", "value": 4.0, "duration": 60}},
                ],
            }
        },
    ],
}


class Clock:
    """Goes on by the period of reports at each look."""

    now = 0.0

    def __call__(self):
        self.now += phases.PERIOD
        return self.now


def run(*, clock):
    heard, shares = [], []

    def tell(phase, share):
        heard.append(phase)
        shares.append(share)

    # A parameter set that no other test has built.
    model = {"type": "SPM", "parameter_set": "Marquis2019"}
    with told_to(tell, clock):
        outcomes = [*simulate(model, PROTOCOL, [{"id": "a"}, {"id": "b"}])]
    assert [each.error for each in outcomes] == [None, None]
    # Of five steps; None while a model is built.
    assert [each for each in shares if each is not None] == [
        number / 5 for number in range(len([each for each in heard if each != phases.BUILDING]))
    ]
    return heard


def test_a_run_tells_its_cycle_and_step_and_when_a_model_is_built():
    first, again = run(clock=Clock()), run(clock=Clock())

    steps = [
        "step 1",
        "cycle 1 of 2, step 2",
        "cycle 1 of 2, step 3",
        "cycle 2 of 2, step 4",
        "cycle 2 of 2, step 5",
    ]
    assert again == steps
    assert [each for each in first if each != phases.BUILDING] == steps
    # One model controls the current, the other one the voltage.
    assert first[0] == phases.BUILDING
    assert first[first.index(steps[2]) + 1] == phases.BUILDING


def test_a_short_run_tells_nothing_when_its_models_are_built():
    run(clock=lambda: 0.0)

    assert run(clock=lambda: 0.0) == []


def test_what_is_done_later_is_not_told():
    heard = []
    with told_to(lambda *told: heard.append(told), Clock()):
        phases.progress(lambda: ("first", 0.1))
        phases.progress(lambda: ("first", 0.1))
    phases.begin("second")
    phases.progress(lambda: ("third", 0.2))

    assert heard == [("first", 0.1)]
