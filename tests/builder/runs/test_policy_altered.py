"""A run whose policy was rewritten in the database: no worker gets it, and it ends in words."""

from django.db import connection

from builder.runs.models import Run
from builder.runs.store import DatabaseRunStore
from builder.safety.models import PolicyVersion
from builder.safety.triggers import drop_triggers, put_triggers
from tests.builder.runs.claims import ALL


def test_a_run_under_a_rewritten_policy_fails_before_any_worker_has_it(
    store: DatabaseRunStore, run: Run
) -> None:
    drop_triggers(connection, {"safety_policyversion": ("UPDATE",)})
    row = PolicyVersion.objects.get()
    PolicyVersion.objects.update(data=row.data | {"rules": []})
    put_triggers(connection, {"safety_policyversion": ("UPDATE",)})
    assert store.claim("w", ALL) is None
    run.refresh_from_db()
    assert (run.state, run.error["code"]) == ("failed", "policy_altered")
    store.sweep()  # goes on all the same
    assert store.claim("w", ALL) is None
