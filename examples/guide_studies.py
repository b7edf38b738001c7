"""The guide's "Managing studies", block by block, on the embedded engine.

Only the ids differ from the guide. Each `# %%` begins a cell, so that an editor can run one at a
time. With an account, leave out the first two cells, set IONWORKS_API_KEY and use your own ids.
"""

# %% Without an account: use the embedded engine
import os

os.environ.setdefault("IONWORKS_API_URL", "local")

# %% Ids that the guide assumes: another project, a study, a simulation and a measurement
from ionworks import Ionworks

client = Ionworks()
projects = {project.name: project.id for project in client.project.list()}
other_project_id = projects.get("Other") or client.project.create({"name": "Other"}).id
client.study.create({"name": "Discharge at 10 degC"}, project_id=other_project_id)
study_id = client.study.create({"name": "Discharge at 25 degC"}).id
simulation_id = client.simulation.protocol({
    "parameterized_model": next(
        model.id
        for model in client.parameterized_model.list_by_project()
        if model.name == "SPM Chen2020"
    ),
    "protocol_experiment": {
        "protocol": "steps: [{direction: Discharge, mode: C-rate, value: 1, duration: 60}]",
        "name": "A minute at 1C",
    },
}).simulation_id
spec = client.cell_spec.create_or_get({"name": "LG M50"})
cell = client.cell_instance.create_or_get(spec.id, {"name": "M50-0001"})
measurement_id = client.cell_measurement.create_or_get(cell.id, {
    "measurement": {"name": "A minute at 1C"},
    "time_series": {
        "Time [s]": [0, 30, 60],
        "Voltage [V]": [4.10, 4.05, 4.03],
        "Current [A]": [5.0, 5.0, 5.0],
        "Step count": [0, 0, 0],
    },
}).id

# %% Listing studies
# Uses the default project from the client
studies = client.study.list()
for study in studies:
    print(f"{study.name} (ID: {study.id})")

# Filter by name
studies = client.study.list(name="Discharge")

# Paginate results
studies = client.study.list(limit=10, offset=0)

# Override the project for a single call
studies = client.study.list(project_id=other_project_id)

# %% Getting a study
study = client.study.get(study_id)

# %% Creating a study
study = client.study.create({
    "name": "1C Discharge Sweep",
    "description": "Comparing discharge curves across temperatures",
})

# %% Updating a study
study = client.study.update(study_id, {
    "name": "1C Discharge Sweep v2",
})

# %% Assigning simulations and measurements
# Assign a simulation to a study
client.study.assign_simulation(study_id, simulation_id)

# Remove a simulation from a study
client.study.remove_simulation(study_id, simulation_id)

# Assign a measurement to a study
client.study.assign_measurement(study_id, measurement_id)

# List measurements in a study
measurements = client.study.list_measurements(study_id)

# Remove a measurement from a study
client.study.remove_measurement(study_id, measurement_id)

# %% Deleting a study
client.study.delete(study_id)
