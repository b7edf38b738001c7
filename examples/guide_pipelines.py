"""The guide's "Running pipelines" and "Running simple pipelines", block by block, on the engine.

Only the ids, the data and the parts that the guide omits ("...") differ from the guide. Each `# %%`
begins a cell, so that an editor can run one at a time. With an account, leave out the first cell,
set IONWORKS_API_KEY and IONWORKS_PROJECT_ID, and use your own measurement's id in the second.
"""

# %% Without an account: use the embedded engine
import os

os.environ.setdefault("IONWORKS_API_URL", "local")

# %% A client, and a measurement to work with: a 1C discharge, simulated here
from ionworks import Ionworks

client = Ionworks()
model = next(
    model
    for model in client.parameterized_model.list_by_project()
    if model.name == "SPM Chen2020"
)
simulation = client.simulation.protocol({
    "parameterized_model": model.id,
    "protocol_experiment": {
        "name": "Rest and 1C discharge",
        "protocol": """
global:
  initial_soc: 1
  temperature: 25
steps:
  - direction: Rest
    ends: [{variable: "Time [s]", value: 60}]
  - direction: Discharge
    mode: C-rate
    value: 1
    ends: [{variable: "Voltage [V]", value: 2.7}]
""",
    },
    "design_parameters": {"Negative particle diffusivity [m2.s-1]": 5.3e-14},
})
client.simulation.wait_for_completion(simulation.simulation_id, verbose=False)
series = client.simulation.get_result(simulation.simulation_id).time_series
spec = client.cell_spec.create({"name": "LG M50", "form_factor": "cylindrical"})
cell = client.cell_instance.create(spec.id, {"name": "Cell 1"})
measurement = client.cell_measurement.create(
    cell.id,
    {
        "measurement": {"name": "1C discharge"},
        "time_series": series.select(
            "Time [s]", "Voltage [V]", "Current [A]", "Step count"
        ),
    },
)
measurement_id = measurement.id

# %% Submitting a pipeline
# project_id is auto-injected from IONWORKS_PROJECT_ID or the client default;
# pass it explicitly in the config to override.
pipeline = client.pipeline.create({
    "name": "NMC622 Parameterization",
    "elements": {
        "entry": {
            "element_type": "entry",
            "values": {
                "model": {"type": "SPM"},
                "data": f"db:{measurement_id}",
            },
        },
        "data_fit": {
            "element_type": "data_fit",
            "objectives": {"voltage": {"data": "entry.data"}},
            "parameters": {
                "Negative electrode diffusivity [m2.s-1]": {
                    "bounds": [1e-16, 1e-12],
                    "initial_value": 3.3e-14,
                }
            },
        },
    },
})

print(f"Pipeline ID: {pipeline.id}")
print(f"Status: {pipeline.status}")

# %% Waiting for pipeline completion
result = client.pipeline.wait_for_completion(
    pipeline.id,
    timeout=600,        # seconds (default: 600)
    poll_interval=2,    # seconds between polls (default: 2)
    verbose=True,
)

print(f"Final status: {result.status}")

# %% Getting pipeline results
pipeline_result = client.pipeline.result(pipeline.id)

# Access fitted parameter values
for name, element in pipeline_result.element_results.items():
    print(f"{name}: {element}")

# %% PyBaMM model support
import pybamm

model_pipeline = pipeline = client.pipeline.create({
    "elements": {
        "entry": {
            "element_type": "entry",
            "values": {
                "model": pybamm.lithium_ion.SPM(),
            },
        },
    },
})

# %% Submitting a simple pipeline
config = {
    "elements": {
        "initial_params": {
            "element_type": "entry",
            "values": {"Negative particle diffusivity [m2.s-1]": 2e-14},
        },
        "fit": {
            "element_type": "data_fit",
            "objectives": {"voltage": {"data": f"db:{measurement_id}"}},
            "parameters": {
                "Negative particle diffusivity [m2.s-1]": {
                    "bounds": [1e-14, 1e-13],
                    "initial_value": 2e-14,
                }
            },
            "cost": {"type": "RMSE"},
            "optimizer": {"type": "DifferentialEvolution", "max_iterations": 10},
        },
    }
}

sp = client.simple_pipeline.create(
    config,
    name="NMC622 diffusivity fit",
    description="Single-parameter fit on the May 14 dataset",
)

print(sp.id, sp.status)  # status starts as "pending"
first = sp

# %% Execution options
sp = client.simple_pipeline.create(
    config,
    name="NMC622 diffusivity fit",
    options={"live_progress_updates": False},  # skip checkpointing for speed
)
unwatched = sp

# %% Options in the config
config = {
    "options": {"live_progress_updates": True},
    "elements": config["elements"],
}

sp = client.simple_pipeline.create(config)

# %% Waiting for completion
completed = client.simple_pipeline.wait_for_completion(
    sp.id,
    timeout=600,        # seconds (default: 600)
    poll_interval=2,    # seconds between polls (default: 2)
    verbose=True,
    raise_on_failure=True,
)

# Fitted parameter values are returned as a flat dict
print(completed.result["parameter_values"])
# {"Negative particle diffusivity [m2.s-1]": 5.3e-14}  # noqa: ERA001

# %% Listing, filtering, and sorting
# Newest 25 simple pipelines in the default project
page = client.simple_pipeline.list(limit=25)

# Only currently active runs
active = client.simple_pipeline.list(status="in.(pending,running)")

# Name contains "diffevo" (case-insensitive)
matches = client.simple_pipeline.list(name="ilike.%diffevo%")

# Created in the last week, oldest first
recent = client.simple_pipeline.list(
    created_at_gt="2026-05-08",
    created_at_lt="2026-05-15",
    order_by="created_at",
    order="asc",
)

# %% Handling errors
from ionworks.errors import IonworksError

try:
    result = client.simple_pipeline.wait_for_completion(sp.id)
except TimeoutError:
    # Still running after the timeout — fetch the latest status to decide
    current = client.simple_pipeline.get(sp.id)
    print(f"Still {current.status}")
except IonworksError as e:
    # Pipeline ended in "failed" — the message includes the server error
    print(e)

# %% Updating, cancelling, and deleting
# Rename or add a description (PATCH — at least one field is required)
client.simple_pipeline.update(sp.id, name="Renamed", description="notes")
renamed = client.simple_pipeline.get(sp.id)

# Cancel a running pipeline
client.simple_pipeline.cancel(sp.id)

# Permanently delete the pipeline, its job, and stored config
client.simple_pipeline.delete(sp.id)

# %% Not in the guide: a plot of the fit
fit = pipeline_result.element("data_fit")
figure = fit.plot_fit()
