"""Untrusted documents: each is loaded as a model or refused, and runs no code."""

import base64
import json
import sys
import zlib

import pybamm
import pytest

from ionworks.engine.cells.documents import (
    LARGEST_DOCUMENT,
    Document,
    compressed,
    load_model,
    storable,
)
from ionworks.engine.cells.symbols import DocumentError, load_symbol
from tests.engine.reference import document

SCALAR = {"$type": "pybamm.Scalar", "name": "1.0", "value": 1.0}


@pytest.fixture
def own(tmp_path):
    """A small model as PyBaMM saves it."""
    return document(pybamm.lithium_ion.BasicSPM(), tmp_path)


@pytest.fixture
def trap(tmp_path, monkeypatch):
    """A module that creates a file when it is imported, and another when its class is called."""
    marks = tmp_path / "marks"
    marks.mkdir()
    source = f"""
from pathlib import Path
Path({str(marks / "imported")!r}).touch()
class Trap:
    def __init__(self, *args, **kwargs):
        Path({str(marks / "called")!r}).touch()
"""
    (tmp_path / "ionworks_trap.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda: sorted(mark.name for mark in marks.iterdir())
    sys.modules.pop("ionworks_trap", None)


def loaded(content):
    return load_model(Document.of(content))


def test_pybamm_alone_imports_and_calls_the_class(own, trap):
    own["model"]["base_class"] = "ionworks_trap.Trap"

    with pytest.raises(AttributeError):
        pybamm.BaseModel.from_json(own)

    assert trap() == ["called", "imported"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_base_class_is_never_looked_up(packed, own, trap):
    own["model"]["base_class"] = "ionworks_trap.Trap"
    own["model"]["base_class_mro"] = ["ionworks_trap.Trap", "os.abort"]

    model, _ = loaded(compressed(own) if packed else own)

    assert trap() == []
    assert type(model) is pybamm.BaseModel
    assert set(model.variables) >= {"Voltage [V]", "Current [A]"}


def node(**fields):
    return {**SCALAR, **fields}


def put_variable(content, value):
    content["model"]["variables"]["Voltage [V]"] = value


NODES = {
    "a class by its path": node(**{"$type": "ionworks_trap.Trap"}),
    "a class as a value": {"$type": "type", "class": "ionworks_trap.Trap"},
    "a class in the older spelling": {"class": "Trap", "module": "ionworks_trap"},
    "a type in the older spelling": {"type": "ionworks_trap.Trap", "children": []},
    "an object of a discretised model": {"py/object": "ionworks_trap.Trap"},
    "a class beside a symbol": node(**{"class": "Trap", "module": "ionworks_trap"}),
    "a class inside a tuple": {
        "$type": "builtins.tuple",
        "items": [{"$type": "type", "class": "ionworks_trap.Trap"}],
    },
    "a class as a child": {
        "$type": "pybamm.Negate",
        "children": [{"$type": "type", "class": "ionworks_trap.Trap"}],
    },
    "a class as an argument": {
        "$type": "pybamm.Negate",
        "child": {"$type": "ionworks_trap.Trap"},
        "children": [SCALAR],
    },
}


@pytest.mark.parametrize("hidden", list(NODES))
def test_a_node_that_names_another_class_is_refused(hidden, own, trap):
    put_variable(own, NODES[hidden])
    with pytest.raises(DocumentError, match=r"variable 'Voltage \[V\]'"):
        loaded(own)
    with pytest.raises(DocumentError, match="parameter 'x'"):
        load_symbol(NODES[hidden], "parameter 'x'")
    assert trap() == []


@pytest.mark.parametrize("part", ["submesh_types", "spatial_methods"])
@pytest.mark.parametrize("envelope", [False, True])
def test_a_mesh_that_names_another_class_is_refused(part, envelope, own, trap):
    inner = {"negative particle": {"$type": "type", "class": "ionworks_trap.Trap"}}
    own["model"]["discretisation"][part] = {part: inner} if envelope else inner
    with pytest.raises(DocumentError, match=part):
        loaded(own)
    assert trap() == []


def change(path, value):
    def changed(content):
        *parents, last = path
        for name in parents:
            content = content[name]
        content[last] = value

    return changed


REFUSED = {
    "no model": (change(["model"], None), "model is missing"),
    "a model that is a list": (change(["model"], []), "an array, not a JSON object"),
    "another schema": (change(["schema_version"], "9"), "schema version '9'"),
    "equations that are text": (change(["model", "rhs"], "x = 1"), "model.rhs is text"),
    "an equation of one side": (
        change(["model", "rhs"], [[SCALAR]]),
        r"model.rhs\[0\] is not a pair",
    ),
    "a variable that is text": (lambda c: put_variable(c, "1 + 1"), "is '1 \\+ 1'"),
    "a variable that is true": (lambda c: put_variable(c, True), "is True"),
    "an unknown event": (
        change(["model", "events"], [{"name": "e", "expression": SCALAR, "event_type": "RUN"}]),
        "'RUN'; valid types: TERMINATION",
    ),
    "a geometry that is a file": (
        change(["model", "discretisation", "geometry"], "/etc/passwd"),
        "geometry is '/etc/passwd': give a JSON object",
    ),
    "points that are a file": (
        change(["model", "discretisation", "var_pts"], "/etc/passwd"),
        "var_pts is '/etc/passwd'",
    ),
    "a mesh of a million points": (
        change(["model", "discretisation", "var_pts"], {"r_n": 10**6}),
        "'r_n' has 1000000 points",
    ),
    "half a point": (change(["model", "discretisation", "var_pts"], {"r_n": 0.5}), "0.5 points"),
    "a part that is not a mesh": (
        change(["model", "discretisation", "solver"], {}),
        "unknown 'solver'",
    ),
    "an option that is a symbol": (
        change(["model", "options"], {"thermal": SCALAR}),
        "not an option of a model",
    ),
    "an option PyBaMM does not have": (
        change(["model", "options"], {"thermal": "hot"}),
        "PyBaMM cannot read the document: .*'hot'",
    ),
    "an input": (
        lambda c: put_variable(c, node(**{"$type": "pybamm.InputParameter", "name": "x"})),
        "use a parameter",
    ),
    "a state of a discretised model": (
        lambda c: put_variable(c, {"$type": "pybamm.StateVector", "y_slice": []}),
        "before it is discretised",
    ),
    "an array of objects": (
        lambda c: put_variable(c, {"$type": "numpy.ndarray", "data": [1], "dtype": "object"}),
        "not an array of numbers",
    ),
    "an array of long texts": (
        lambda c: put_variable(c, {"$type": "numpy.ndarray", "data": [1], "dtype": "U999999999"}),
        "not an array of numbers",
    ),
    "a symbol without its parts": (
        lambda c: put_variable(c, {"$type": "pybamm.Addition"}),
        "PyBaMM cannot read the document",
    ),
    "a tag that is a list": (lambda c: put_variable(c, {"$type": []}), "is of the type"),
}


@pytest.mark.parametrize("what", list(REFUSED))
def test_a_bad_document_is_refused_with_the_place_of_the_error(what, own):
    spoil, words = REFUSED[what]
    spoil(own)
    with pytest.raises(DocumentError, match=words):
        loaded(own)


def test_a_document_that_is_too_large_after_decompression_is_refused():
    bomb = base64.b64encode(zlib.compress(b" " * (LARGEST_DOCUMENT + 2))).decode()
    with pytest.raises(DocumentError, match="larger than 128 MiB after decompression"):
        loaded({"compressed": True, "data": bomb})


@pytest.mark.parametrize("data", ["???", base64.b64encode(b"no zlib").decode(), None, 7])
def test_a_document_that_cannot_be_decompressed_is_refused(data):
    with pytest.raises(DocumentError, match=r"decompressed|data is"):
        loaded({"compressed": True, "data": data})


def test_a_deeply_nested_document_is_refused(own):
    deep = SCALAR
    for _ in range(5000):
        deep = {"$type": "pybamm.Negate", "name": "-", "domains": {}, "children": [deep]}
    put_variable(own, deep)
    with pytest.raises(DocumentError, match=r"nested too deeply|cannot read"):
        load_model(Document("any", own))


def test_a_document_cannot_ask_for_python_source(own):
    own["model"]["convert_to_format"] = "python"

    model, _ = loaded(own)

    assert model.convert_to_format == "casadi"
    assert (
        json.loads(unpacked(storable(Document.of(own))))["model"]["convert_to_format"] == "casadi"
    )


def unpacked(document):
    return zlib.decompress(base64.b64decode(document["data"]))


def test_pybamm_reads_the_stored_form(own):
    kept = storable(Document.of({"type": "custom", "model": own, "secret": "text"}))

    again = pybamm.BaseModel.from_config({"type": "custom", "model": kept})

    assert type(again) is pybamm.lithium_ion.BasicSPM
    assert set(again.variables) == set(own["model"]["variables"])
    assert b"secret" not in unpacked(kept)
