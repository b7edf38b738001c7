"""Models compiled to machine code, compared with the same models as CasADi interprets them.

Times are processor time of IDAKLU for a run, in one process, both forms in turns; medians.
*Compile* is that of the compiler for all models of a protocol; it works while runs go on. See
`ionworks.engine.solver.compilation`.
"""

from __future__ import annotations

import argparse
import os
import resource
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from ionworks import engine
from ionworks.engine.cells.registry import open_cell
from ionworks.engine.compile_setting import SETTING
from ionworks.engine.simulation import api
from ionworks.engine.solver.compilation import compiler
from ionworks.engine.solver.models import ModelCache
from measure import machine, table

THICKNESS = "Positive electrode thickness [m]"
PROTOCOLS = {
    "1C discharge": (["current"], [
        "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.5]}",
    ]),
    "1C charge, 4.2 V": (["current", "voltage"], [
        "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.2]}",
        "Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.25]}",
    ]),
}  # fmt: skip


class Form:
    """The models of one cell, compiled or not."""

    def __init__(self, model: str, setting: str, controls: list[str]) -> None:
        self._specification: dict[str, Any] = {"type": model, "parameter_set": "Chen2020"}
        self._setting = setting
        self._controls = controls
        self._models = ModelCache()

    def worked(self) -> float:
        """Return the time of IDAKLU so far [s]."""
        cell = open_cell(self._specification)
        models = self._models.models(cell, frozenset({THICKNESS}), (), 1)
        return sum(models.of(control).integrator.worked for control in self._controls)

    def run(self, protocol: str, count: int) -> float:
        """Return the time of IDAKLU for a run [ms]."""
        os.environ[SETTING] = self._setting
        api.MODELS = self._models
        runs = [
            {"id": str(each), "design_parameters": {THICKNESS: 5e-5 * (1 + each / count)}}
            for each in range(count)
        ]
        before = self.worked()
        errors = {each.error for each in engine.simulate(self._specification, protocol, runs)}
        if errors != {None}:
            raise RuntimeError(f"runs have failed: {errors}")
        return (self.worked() - before) / count * 1e3


def children() -> float:
    """Return the processor time of the processes that have ended [s]."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(model: str, name: str, runs: int, repeats: int) -> list[str]:
    """Return a row of the table."""
    controls, steps = PROTOCOLS[name]
    soc = 1 if steps[0].startswith("Discharge") else 0.2
    protocol = f"global: {{initial_soc: {soc}}}\nsteps:\n  - " + "\n  - ".join(steps)
    with TemporaryDirectory(prefix="ionworks-benchmark-") as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        forms = [Form(model, setting, controls) for setting in ("never", "always")]
        began = children()
        for form in forms:
            form.run(protocol, 1)
        compiling = children() - began
        times = [[form.run(protocol, runs) for form in forms] for _ in range(repeats)]
    interpreted, compiled = (median(each) for each in zip(*times, strict=True))
    return [
        f"{model} {name}", f"{interpreted:.2f}", f"{compiled:.2f}",
        f"x{interpreted / compiled:.2f}", f"{compiling:.1f}",
        f"{compiling / (interpreted - compiled) * 1e3:.0f}",
    ]  # fmt: skip


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=["SPM", "SPMe", "DFN"])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    rows = [
        measure(model, name, options.runs, options.repeats)
        for model in options.models
        for name in PROTOCOLS
    ]
    print(f"Compiler {' '.join(compiler())}; {machine()}\n")
    headings = ["model and protocol", "interpreted [ms]", "compiled [ms]", "interpreted / compiled"]
    print(table([*headings, "compile [s]", "runs that win it back"], rows))


if __name__ == "__main__":
    main()
