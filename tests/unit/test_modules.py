"""Rules for modules that ruff does not have; `make lint` runs them."""

from tests.paths import ROOT

LONGEST = {"ionworks": 500, "tests": 650}
REFUSED_NAMES = {"common", "helper", "helpers", "misc", "util", "utils"}
MODULES = [path for folder in LONGEST for path in sorted((ROOT / folder).rglob("*.py"))]


def test_no_module_is_too_long() -> None:
    too_long = {}
    for path in MODULES:
        name = path.relative_to(ROOT)
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST[name.parts[0]]:
            too_long[str(name)] = lines

    assert too_long == {}, f"split these modules by subject; the limits are {LONGEST} lines"


def test_modules_are_named_after_their_subject() -> None:
    vague = [str(path.relative_to(ROOT)) for path in MODULES if path.stem in REFUSED_NAMES]

    assert vague == [], "rename these modules after their subject"
