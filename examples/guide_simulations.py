"""The guide's "Running simulations", block by block, on the embedded engine.

Only the ids and the parts that the guide omits ("...") differ from the guide. Each `# %%` begins a
cell, so that an editor can run one at a time. With an account, leave out the first cell, set
IONWORKS_API_KEY and use your own parameterized model's id in the second.
"""

# %% Without an account: use the embedded engine
import os

os.environ.setdefault("IONWORKS_API_URL", "local")

# %% A client, and a parameterized model to work with
from ionworks import Ionworks

client = Ionworks()
parameterized_model_id = next(
    model.id
    for model in client.parameterized_model.list_by_project()
    if model.name == "SPM Chen2020"
)

# %% Single simulation
response = client.simulation.protocol({
    "parameterized_model": parameterized_model_id,
    "protocol_experiment": {
        "protocol": """
global:
  initial_soc: 1
  temperature: 25
steps:
  - direction: Discharge
    mode: C-rate
    value: 1
    ends:
      - variable: Voltage [V]
        value: 2.5
""",
        "name": "1C Discharge",
    },
})

print(f"Simulation ID: {response.simulation_id}")
print(f"Job ID: {response.job_id}")

# %% Experiment parameters and design parameters
response = client.simulation.protocol({
    "parameterized_model": parameterized_model_id,
    "protocol_experiment": {
        "protocol": """
global:
  initial_soc: input["Initial SOC"]
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
    ends:
      - variable: Voltage [V]
        value: 2.5
""",
        "name": "Parameterized Discharge",
    },
    "experiment_parameters": {
        "Initial SOC": 1.0,
        "C-rate": 0.5,
    },
    "design_parameters": {
        "Positive electrode thickness [m]": 75e-6,
    },
})

# %% Waiting for results
result = client.simulation.wait_for_completion(
    response.simulation_id,
    timeout=120,        # seconds (default: 60)
    poll_interval=2,    # seconds between polls (default: 2)
    verbose=True,       # print status updates (default: True)
)

# %% Not raising when a simulation fails
result = client.simulation.wait_for_completion(
    response.simulation_id,
    raise_on_failure=False,
)

# %% Batch simulations with design of experiments
responses = client.simulation.protocol_batch({
    "parameterized_model": parameterized_model_id,
    "protocol_experiment": {
        "protocol": """
steps:
  - direction: Discharge
    mode: C-rate
    value: 1
    ends:
      - variable: Voltage [V]
        value: 2.5
""",
        "name": "C-rate Sweep",
    },
    "design_parameters_doe": {
        "sampling": "grid",
        "rows": [
            {
                "type": "discrete",
                "name": "Positive electrode thickness [m]",
                "values": [50e-6, 75e-6, 100e-6],
            },
        ],
    },
})

# Wait for all simulations
results = client.simulation.wait_for_completion(
    [r.simulation_id for r in responses],
    timeout=300,
)

# %% An id that the guide assumes
simulation_id = response.simulation_id

# %% Retrieving simulation data
# List all simulations
simulations = client.simulation.list()

# Get a specific simulation
simulation = client.simulation.get(simulation_id)

# Get result data (time series, steps, metrics)
result = client.simulation.get_result(simulation_id)

# %% A typed result
from ionworks import Ionworks

client = Ionworks()
simulation_id = response.simulation_id
result = client.simulation.get_result(simulation_id)

# Plot voltage vs time. With the default polars backend, convert to pandas first;
# with the pandas backend (set_dataframe_backend("pandas")), use result.time_series directly.
ts = result.time_series.to_pandas()  # drop .to_pandas() on the pandas backend
ts.plot(x="Time [s]", y="Voltage [V]")

# Inspect protocol steps
print(result.steps)

# Read scalar metrics
print(result.metrics)
