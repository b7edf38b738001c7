"""What simulations were submitted with, to submit them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen

from ionworks.server.http.problems import bad_request, not_found
from ionworks.server.store import run_lookup, run_parameters
from ionworks.server.store.database import Store
from ionworks.server.store.ranges import parts, ranges_of
from ionworks.server.store.run_parameters import RunParameters
from ionworks.server.store.submissions import SimulationBatch
from ionworks.server.store.tables import model_specs, study_runs, submissions

_SUBMISSION: Final = (
    sa.select(
        submissions,
        # A submission of layout 1 holds its model itself.
        sa.func.coalesce(model_specs.c.spec, submissions.c.model, type_=sa.JSON).label("spec"),
    )
    .outerjoin(model_specs, model_specs.c.id == submissions.c.model_spec_id)
    .where(submissions.c.id == sa.bindparam("submission"))
)


@frozen
class Resubmission:
    """Simulations to submit again.

    Attributes
    ----------
    batch
        What they share.
    runs
        Their parameters, in the order of the request.
    """

    batch: SimulationBatch
    runs: Sequence[RunParameters]


def resubmission(
    store: Store, simulation_ids: Sequence[str], *, reuse: bool, keep_studies: bool
) -> Resubmission:
    """Return what simulations of one submission were submitted with.

    Parameters
    ----------
    store
        Records.
    simulation_ids
        The simulations; repeated ones count once.
    reuse
        Whether runs that are equal to others get the results of these.
    keep_studies
        Whether the new ones are assigned to the studies of the first one.

    Raises
    ------
    Problem
        404 if one of them does not exist, 400 if they are of several submissions.
    """
    # In one transaction: another request may delete a simulation at any time.
    with store.reading() as connection:
        wanted = run_lookup.stored(connection, simulation_ids)
        for identifier in simulation_ids:
            if identifier not in wanted:
                raise not_found("simulation", identifier)
        submission_id, *others = {run.submission_id for run, _ in wanted.values()}
        if others:
            message = (
                f"The simulations are of {len(others) + 1} submissions: send one request for those "
                "of each."
            )
            raise bad_request(message)
        indexes = [run.index for run, _ in wanted.values()]
        ranges = ranges_of(indexes)
        parameters = dict(run_parameters.read(connection, submission_id, ranges))
        shared = connection.execute(_SUBMISSION, {"submission": submission_id}).one()
        first = [(submission_id, each) for each in ranges_of(indexes[:1])]
        studies = parts(
            connection, study_runs, first, columns=[study_runs.c.study_id], may_overlap=True
        )
    template = {
        "id": shared.experiment_template_id,
        "name": shared.name,
        "protocol": shared.protocol,
    }
    batch = SimulationBatch(
        project_id=shared.project_id,
        model=shared.spec,
        parameterized_model_id=shared.parameterized_model_id,
        template=template,
        extra_variables=shared.extra_variables,
        max_backward_jumps=shared.max_backward_jumps,
        count=len(indexes),
        study_ids=[row.study_id for row in studies] if keep_studies else [],
        seed=shared.seed,
        reuse=reuse,
        for_check={"overrides": (), "smoke_test": False},
    )
    return Resubmission(batch, [_plain(parameters[index]) for index in indexes])


def _plain(run: dict[str, Any]) -> RunParameters:
    return {
        "experiment_parameters": run["experiment_parameters"],
        "design_parameters": run["design_parameters"],
    }
