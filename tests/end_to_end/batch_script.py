"""Submit a batch to a folder and print its ids: the process that a test kills while it works.

No ``__main__`` guard on purpose: worker processes must not need one.
"""

import sys
from pathlib import Path

from ionworks.server.app import create_app
from tests.unit.server.engines import QUICK, client_of, grid, store_template, submit

DISCHARGE = """
global: {initial_soc: 1}
steps:
  - Discharge: {mode: C-rate, value: 1, ends: ["Voltage < 2.5"]}
"""

folder, points, kind = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if kind == "physics":
    # Every worker imports PyBaMM and builds the model; the other kinds of batches have two.
    api = client_of(create_app(folder, workers=1))
    body = {"protocol_experiment": {"protocol": DISCHARGE, "name": "1C"}}
    template = api.post("/protocols/parse-to-template", json=body).json()["template_id"]
    thickness = [60e-6 + 1e-7 * number for number in range(points)]
    design = grid(**{"Positive electrode thickness [m]": thickness})
    submissions = submit(
        api, template, parameterized_model="dfn-chen2020", design_parameters_doe=design
    )
else:
    app = create_app(folder, targets=QUICK, workers=2)
    api = client_of(app)
    design = grid(wait=[0.01], thickness=range(points))
    submissions = submit(api, store_template(app), design_parameters_doe=design)
sys.stdout.write(" ".join(item["simulation_id"] for item in submissions) + "\n")
sys.stdout.flush()
if kind != "does not wait":
    sys.stdin.read()
