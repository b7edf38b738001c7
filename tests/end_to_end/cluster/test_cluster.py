"""Engines whose runs and fits are computed by the workers of a Dask cluster."""

import os
import signal
from collections import Counter

import dask
import pytest
from distributed import Client, LocalCluster

from ionworks.server.app import create_app
from ionworks.server.jobs.cluster import Cluster
from ionworks.server.jobs.worker import WorkerGone
from ionworks.server.store.cleanup import prepared
from tests.end_to_end.cluster.certificates import make_certificates
from tests.end_to_end.cluster.dask_cluster import DaskCluster, configured
from tests.unit.server.engines import (
    QUICK,
    client_of,
    finish,
    grid,
    statuses,
    store_template,
    submit,
    wait_until,
)
from tests.unit.server.pipelines import ENTRY, elements_of, end, orders, result_of
from tests.unit.server.pipelines import statuses as element_statuses
from tests.unit.server.pipelines import submit as submit_pipeline

ENDED = {"completed", "failed", "canceled"}


def pids_of(simulations):
    return {each["summary_metrics"]["pid"] for each in simulations}


def results_after_restart(app):
    """Return the number of results after the folder was opened again.

    A process that is killed can leave one that it had not reported; opening removes it.
    """
    app.close()
    prepared(app.folder).close()
    return len(list((app.folder / "blobs").glob("*/*/time_series.parquet")))


def test_results_of_all_workers_come_back(app, api, template, cluster):
    submissions = submit(
        api, template, design_parameters_doe=grid(thickness=[float(n) for n in range(40)])
    )

    simulations = finish(api, submissions)

    assert {each["status"] for each in simulations} == {"completed"}
    assert len(list((app.folder / "blobs").glob("*/*/time_series.parquet"))) == 40
    assert app.services.jobs.workers == 2
    assert not list((cluster.folder / "scratch").rglob("*.parquet"))


def test_a_crash_fails_only_the_run_that_causes_it(api, template):
    submissions = submit(api, template, design_parameters_doe=grid(crash=[0, 0, 1, 0, 0]))

    simulations = finish(api, submissions)

    assert [each["status"] for each in simulations] == ["completed"] * 2 + ["failed"] + [
        "completed"
    ] * 2
    assert "worker process died twice" in simulations[2]["error"]


def test_a_run_whose_worker_died_once_is_tried_again(api, template):
    crash_once = grid(**{"crash once": [1]})

    [simulation] = finish(api, submit(api, template, design_parameters_doe=crash_once))

    assert simulation["status"] == "completed"


def test_a_stuck_run_is_stopped_and_fails_alone(open_app):
    app = open_app(run_limit=3.0)
    with client_of(app) as api:
        submissions = submit(api, store_template(app), design_parameters_doe=grid(stall=[0, 1, 0]))
        simulations = finish(api, submissions)

    assert [each["status"] for each in simulations] == ["completed", "failed", "completed"]
    assert simulations[1]["error_code"] == "EXECUTION_TIMEOUT"


def test_finished_runs_are_visible_while_their_chunk_is_running(api, template):
    submissions = submit(api, template, design_parameters_doe=grid(stall=[0, 0, 1]))

    wait_until(lambda: statuses(api, submissions) == ["completed", "completed", "processing"])


def test_canceled_runs_free_their_workers(api, template):
    stuck = submit(api, template, design_parameters_doe=grid(stall=[1], thickness=range(20)))
    wait_until(lambda: "processing" in statuses(api, stuck))

    for item in stuck:
        api.post(f"/jobs/{item['job_id']}/cancel", json={})

    [after] = finish(api, submit(api, template))
    assert after["status"] == "completed"
    assert set(statuses(api, stuck)) == {"canceled"}


def test_a_question_is_answered_while_all_threads_are_busy(api, template):
    stuck = submit(api, template, design_parameters_doe=grid(stall=[1], thickness=range(20)))
    wait_until(lambda: statuses(api, stuck).count("processing") > 10)

    names = api.get("/parameterized_models/spm-chen2020/variable-names")

    assert names.json() == ["Voltage [V]"]


def test_a_fit_reports_its_progress_and_its_curves(app, api):
    made = submit_pipeline(api, {"entry": ENTRY, "fit": orders(steps=3)})

    assert end(api, made)["status"] == "completed"
    assert result_of(api, made)["element_results"]["fit"]["threads"] == 1
    assert list((app.folder / "blobs").rglob("1.parquet"))


def test_a_canceled_fit_reports_its_best_point(api):
    made = submit_pipeline(api, {"entry": ENTRY, "fit": orders(steps=2, stall=True)})
    wait_until(lambda: (elements_of(api, made)[1]["progress"] or {}).get("best_cost") == 0.5)

    canceled = api.post(f"/pipelines/{made['id']}/cancel", json={}).json()

    assert canceled["status"] == "canceled"
    assert element_statuses(api, made) == ["completed", "canceled"]
    assert result_of(api, made)["element_results"]["fit"]["parameter_values"] == {"D": 0.125}


def test_processes_end_when_their_engine_has_gone(open_app, cluster):
    app = open_app()
    with client_of(app) as api:
        stuck = submit(api, store_template(app), design_parameters_doe=grid(stall=[1]))
        wait_until(lambda: statuses(api, stuck) == ["processing"])
        before = cluster.processes()
        # As if its process was killed: nothing is sent to the workers any more.
        app.services.jobs._crew._closing.set()
        app.services.jobs._crew.connected_client.close()

        wait_until(lambda: cluster.processes() < before)


def test_runs_go_on_when_a_dask_worker_is_killed(app, api, template, cluster):
    submissions = submit(
        api, template, design_parameters_doe=grid(wait=[0.05], thickness=range(120))
    )
    wait_until(lambda: statuses(api, submissions).count("completed") > 5)

    address, pid = next(iter(cluster.worker_pids().items()))
    os.kill(pid, signal.SIGKILL)
    simulations = finish(api, submissions)

    assert {each["status"] for each in simulations} == {"completed"}
    assert results_after_restart(app) == 120
    # What was reported before is not computed again.
    again = [number for number in Counter(cluster.computed()).values() if number > 1]
    assert len(again) < 60
    cluster.wait_for_workers(2)  # its nanny starts another
    assert address not in cluster.worker_pids()


def test_runs_go_on_when_the_scheduler_is_restarted(app, api, template, cluster):
    submissions = submit(
        api, template, design_parameters_doe=grid(wait=[0.05], thickness=range(120))
    )
    wait_until(lambda: statuses(api, submissions).count("completed") > 5)

    cluster.scheduler.kill()
    cluster.scheduler.wait()
    last = f"/simulations/{submissions[-1]['simulation_id']}"
    wait_until(lambda: "does not answer" in (api.get(last).json()["delay_reason"] or ""))
    cluster.start_scheduler()
    for worker in cluster.workers:  # they end soon, and what started them starts them again
        worker.kill()
        worker.wait()
    cluster.add_worker()
    cluster.add_worker()

    assert {each["status"] for each in finish(api, submissions)} == {"completed"}
    assert results_after_restart(app) == 120


def test_a_client_of_another_authority_is_refused(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("ionworks.server.jobs.cluster.CONNECT_LIMIT", 3.0)
    foreign = make_certificates(tmp_path / "tls")

    with configured(foreign), pytest.raises(RuntimeError, match="cannot connect"):
        create_app(tmp_path / "engine", targets=QUICK, cluster=cluster.address)


def test_jobs_wait_for_the_first_worker_of_a_cluster(certificates, tmp_path):
    cluster = DaskCluster(tmp_path / "cluster", certificates)
    cluster.start_scheduler()
    try:
        cluster.wait_for_scheduler()
        app = create_app(
            tmp_path / "engine", targets=QUICK, cluster=cluster.address, check_limit=0.0
        )
        try:
            with client_of(app) as api:
                submissions = submit(api, store_template(app))
                record = api.get(f"/simulations/{submissions[0]['simulation_id']}").json()
                assert record["delay_reason"].startswith("no workers in the cluster")
                cluster.add_worker()
                [simulation] = finish(api, submissions)
                assert simulation["status"] == "completed"
        finally:
            app.close()
    finally:
        cluster.close()


def test_a_worker_that_may_not_start_processes_is_refused(tmp_path):
    with (
        dask.config.set({"distributed.worker.daemon": True}),
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as machines,
        Client(machines, set_as_default=False) as client,
        pytest.raises(RuntimeError, match="start it by `ionworks worker`"),
    ):
        create_app(tmp_path / "engine", targets=QUICK, cluster=client)


def test_a_process_that_answers_questions_leaves_the_only_thread_to_jobs():
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as machines,
        Client(machines, set_as_default=False) as client,
    ):
        crew = Cluster(client)
        slots = [crew.start_spare(), crew.start()]

        with pytest.raises(WorkerGone, match="no workers"):
            crew.start()

        for slot in slots:
            slot.kill()
        crew.close()
