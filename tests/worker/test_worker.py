"""Real workers: a process for the agent, one for its child, a real Valkey between them and the database."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kombu import Connection

from builder.accounts.models import Workspace
from builder.bootstrap import places
from builder.runs.models import Event, Output, Run, Segment, Worker
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.wake import broker_url, queue_of
from runtime.safety.policy import Policy
from tests.dispatch.test_wake import flood
from tests.fixtures.runs import Workers, chain, drawing, ended, stub_policy, wait_for

Submit = Callable[..., Run]


@pytest.fixture
def submit(workers: Workers, workspace: Workspace, policy: Callable[[Policy], Policy]) -> Submit:
    policy(stub_policy())
    return lambda graph, text="hello": submit_run(Order(workspace, {"text": text}, graph=graph)).run


def running(run: Run, step: str) -> Callable[[], bool]:
    return lambda: run.steps.filter(name=step, state="running").exists()


def gone(pid: int) -> bool:
    """Whether the process has ended; one that only waits for its parent to notice counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
        int(word)
        for task in Path(f"/proc/{pid}/task").iterdir()
        if task.name != str(pid)
        for word in (task / "children").read_text().split()
    ]


def test_a_text_chain_runs_through_a_real_worker(workers: Workers, submit: Submit) -> None:
    workers.start()
    run = submit(chain(("a", "echo", {}), ("b", "upper", {})))
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert Output.objects.get(run=run).value == "HELLO"
    wait_for(lambda: Worker.objects.filter(busy=False).exists())


def test_work_is_found_by_a_worker_that_comes_after_its_wake_ups_were_dropped(
    workers: Workers, submit: Submit, valkey: str
) -> None:
    run = submit(chain(("a", "echo", {})))
    flood(valkey, "cpu")
    with Connection(broker_url(valkey)) as connection:
        connection.default_channel.queue_purge(queue_of("cpu"))
    workers.start()
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())


def test_a_worker_killed_in_the_middle_of_a_run_loses_nothing(
    workers: Workers, submit: Submit, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    first = workers.start(SLUICEWAY_LEASE_SECONDS="3")
    run = submit(chain(("a", "echo", {"log": str(log)}), ("n", "nap", {"seconds": 6}), ("b", "upper", {})))
    wait_for(running(run, "n"))
    child = wait_for(lambda: children(first.pid))
    first.kill()
    wait_for(lambda: all(gone(pid) for pid in child))
    workers.start(SLUICEWAY_LEASE_SECONDS="3")
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert log.read_text() == "a\n", "a step that was done and written down was run again"
    assert Segment.objects.get(run=run).attempt == 2
    numbers = list(Event.objects.filter(run=run).values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert run.outputs.count() == 1


def test_two_heavy_branches_run_on_two_workers(workers: Workers, submit: Submit) -> None:
    workers.start()
    workers.start()
    wait_for(lambda: Worker.objects.count() == 2)
    graph = drawing(
        ("in", "input", {"name": "text"}), ("a", "nap", {"seconds": 4}), ("b", "nap", {"seconds": 4}), ("j", "join", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>a.text in.text>b.text a.text>j.texts b.text>j.texts j.text>out.text",
    )  # fmt: skip
    run = submit(graph)
    wait_for(lambda: run.steps.filter(name__in=("a", "b"), state="running").count() == 2)
    assert Segment.objects.filter(run=run, state="leased").values("worker").distinct().count() == 2
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())


def test_without_a_broker_runs_go_on(workers: Workers, submit: Submit) -> None:
    workers.start(SLUICEWAY_REDIS_URL="redis://127.0.0.1:1/0")
    run = submit(chain(("a", "echo", {})))
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())


def test_a_forged_wake_up_starts_nothing(workers: Workers, submit: Submit, valkey: str) -> None:
    from runtime.dispatch.wake import TASK, make_app

    app = make_app(valkey)
    for arguments in (["cpu"], ["../../etc"], [{"run": "x"}], [], ["cpu", "more"]):
        app.send_task(TASK, args=arguments, queue="sluiceway.cpu")
    app.send_task("os.system", args=["true"], queue="sluiceway.cpu")
    worker = workers.start()
    run = submit(chain(("a", "echo", {})))
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert worker.poll() is None and Run.objects.count() == 1


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux says what a process has loaded")
def test_a_worker_loads_nothing_of_what_serves_people(workers: Workers, submit: Submit) -> None:
    """Celery's own care for Django once had every worker import the site, by running all its checks."""
    worker = workers.start()
    with ended(submit(chain(("a", "echo", {})))) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert "/PIL/" not in Path(f"/proc/{worker.pid}/maps").read_text(), "the admin console draws with it"


def test_a_worker_asked_to_go_hands_back_what_it_cannot_finish(workers: Workers, submit: Submit) -> None:
    worker = workers.start()
    run = submit(chain(("a", "nap", {"seconds": 50})))
    wait_for(running(run, "a"))
    child = children(worker.pid)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0, workers.logs()
    segment = Segment.objects.get(run=run)
    assert segment.state == "ready" and segment.losses == 0
    wait_for(lambda: all(gone(pid) for pid in child))


def test_a_second_signal_makes_it_hand_back_at_once(workers: Workers, submit: Submit) -> None:
    worker = workers.start(
        SLUICEWAY_DRAIN_SECONDS="600"
    )  # so it is not the first signal's patience that ends
    run = submit(chain(("a", "nap", {"seconds": 50})))
    wait_for(running(run, "a"))
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGQUIT)
    wait_for(lambda: Segment.objects.get(run=run).state == "ready", 30)
    worker.wait(20)


def test_neither_worker_nor_child_outlives_who_started_them(workers: Workers) -> None:
    """A process starts a worker, waits until it reports, and is then killed."""
    starter = subprocess.Popen(
        [sys.executable, "-c", ("import subprocess,sys; print(subprocess.Popen([sys.executable,'-m','runtime.worker']).pid,"
         "flush=True); sys.stdin.read()")],
        cwd=places.ROOT, env=workers.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    family = [pid, *wait_for(lambda: children(pid))]
    wait_for(lambda: Worker.objects.exists())
    starter.kill()
    starter.wait()
    wait_for(lambda: all(gone(member) for member in family), 15)


def test_the_child_goes_when_the_agent_is_killed_though_it_hangs_in_native_code(
    workers: Workers, submit: Submit
) -> None:
    worker = workers.start()
    run = submit(chain(("h", "hang_long", {"seconds": 50})))
    wait_for(running(run, "h"))
    child = children(worker.pid)
    assert child
    worker.kill()
    wait_for(lambda: all(gone(pid) for pid in child), 5)


def test_an_odd_resource_class_is_refused_at_the_start(workers: Workers) -> None:
    worker = workers.start(SLUICEWAY_RESOURCES="cpu,quantum")
    assert worker.wait(30) != 0
    assert "SLUICEWAY_RESOURCES" in workers.logs()


def test_text_that_streams_is_told_while_it_is_written(workers: Workers, submit: Submit, valkey: str) -> None:
    import redis

    text = "This is a sentence of a long and harmless story. " * 12
    workers.start()
    client = redis.Redis.from_url(valkey, decode_responses=True)
    run = submit(chain(("s", "stream", {"piece": 20, "seconds": 0.1})), text)
    seen: set[str] = set()

    def look() -> bool:
        seen.update(
            v for k, v in client.hgetall(f"sluiceway:live:{run.pk}").items() if k == "output.partial:answer"
        )
        return Run.objects.filter(pk=run.pk, state="succeeded").exists()

    wait_for(look)
    client.close()
    assert len(seen) > 2 and all('"text":"This is a' in frame for frame in seen), workers.logs()
    assert Output.objects.get(run=run).value == text
