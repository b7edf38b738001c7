"""Units of cell specifications in those of parameters; expected values by hand."""

import pytest

from ionworks.ucp.quantities import converted, unit_in


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (85.2, "um", "m", 85.2e-6),
        (85.2, "\u00b5m", "m", 85.2e-6),
        (4850, "mAh", "A.h", 4.85),
        (4.85, "A.h", "A.h", 4.85),
        (18.2, "Wh", "J", 65520),
        (2.26, "g/cm3", "kg.m-3", 2260),
        (2.26, "g.cm^-3", "kg.m-3", 2260),
        (3, "mAh/cm\u00b2", "A.h.cm-2", 3e-3),
        (1.2, "mol/L", "mol.m-3", 1200),
        (0.4, "cm2.s-1", "m2.s-1", 4e-5),
        (5, "W/(m.K)", "W.m-1.K-1", 5),
        (25, "degC", "K", 298.15),
        (25, "\u00b0C", "K", 298.15),
        (33, "%", "", 0.33),
        (5, "min", "s", 300),
        (7, "mOhm", "Ohm", 7e-3),
        (7, "m\u03a9", "Ohm", 7e-3),
        (9.5, "S/cm", "S.m-1", 950),
    ],
)
def test_conversions(value, unit, wanted, expected):
    assert converted(value, unit, wanted) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("unit", "wanted", "words"),
    [
        ("mAh", "m", "the dimensions differ"),
        ("furlong", "m", "unknown symbol 'furlong'"),
        ("C", "A", "unknown symbol 'C'"),
        ("m$", "m", "cannot be read"),
    ],
)
def test_units_that_do_not_fit(unit, wanted, words):
    with pytest.raises(ValueError, match=words):
        converted(1.0, unit, wanted)


def test_the_unit_of_a_parameter_is_read_from_its_name():
    assert unit_in("Maximum concentration in negative electrode [mol.m-3]") == "mol.m-3"
    assert unit_in("Negative electrode porosity") == ""
