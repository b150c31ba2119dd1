"""Real workers: a process for the agent, one for its child, a real Valkey between them and the database."""

from builder.runs.submit_run import Order, submit_run
from tests.fixtures.runs import *  # noqa: F403 - fixtures
from tests.fixtures.runs import Workers, chain, ended, stub_policy


def test_a_text_chain_runs_through_a_real_worker(workers: Workers, workspace, policy) -> None:
    policy(stub_policy())
    workers.start()
    graph = chain(("a", "echo", {}), ("b", "upper", {}))
    run = submit_run(Order(workspace, {"text": "hello key-12345"}, graph=graph)).run
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert [o.value for o in done.outputs.all()] == ["HELLO KEY-12345"]
