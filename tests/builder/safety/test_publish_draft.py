"""Publishing a draft: what was seen comes into force, and of several who publish at once exactly one does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import connection

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety.edit_draft import discard_draft, draft_of, edit_draft
from builder.safety.models import AuditEntry, PolicyDraft, PolicyVersion, Scope, Shadow
from builder.safety.owner import Owner
from builder.safety.publish_draft import publish_draft, try_draft
from builder.safety.verify_audit import verify_audit
from runtime.safety.policy import Policy, default_policy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

HOUSE = Owner("w1")
AT_ONCE = 4


@pytest.fixture
def ada(transactional_db: None) -> User:
    return User.objects.create(username="ada")


def blocked(policy: Policy) -> Policy:
    return replace(policy, previews="none")


def seen() -> str:
    draft = draft_of(HOUSE)
    assert draft is not None
    return draft.policy.digest


def at_once(work: object) -> list[object]:
    """What each of several gets, who all start in the same moment: a result, or the code of a refusal."""
    together = Barrier(AT_ONCE)

    def one(number: int) -> object:
        together.wait()
        try:
            return work(number)  # type: ignore[operator]  # each test gives a function of a number
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_of_several_who_publish_at_once_one_does_and_the_others_are_told(ada: User) -> None:
    edit_draft(HOUSE, ada, blocked)
    digest = seen()
    told = at_once(lambda number: publish_draft(HOUSE, ada, f"Reason {number}", digest))
    assert sum(isinstance(item, PolicyVersion) for item in told) == 1
    assert {item for item in told if isinstance(item, str)} <= {"draft_gone", "policy_moved"}
    assert PolicyVersion.objects.filter(scope=Scope.WORKSPACE.value).count() == 1
    assert not PolicyDraft.objects.exists()
    changed = [entry for entry in AuditEntry.objects.all() if entry.said["act"] == "policy.changed"]
    assert len(changed) == 1
    assert verify_audit().fault is None


def test_of_several_who_edit_one_draft_at_once_one_does(ada: User) -> None:
    edit_draft(HOUSE, ada, lambda policy: policy)
    digest = seen()
    told = at_once(
        lambda number: edit_draft(
            HOUSE, ada, lambda policy: replace(policy, rules=policy.rules[number + 1 :]), digest
        )
    )
    assert sum(isinstance(item, PolicyDraft) for item in told) == 1
    assert [item for item in told if isinstance(item, str)] == ["draft_moved"] * (AT_ONCE - 1)


def test_of_several_who_begin_a_draft_at_once_one_does(ada: User) -> None:
    told = at_once(
        lambda number: edit_draft(
            HOUSE, ada, lambda policy: replace(policy, rules=policy.rules[number + 1 :]), ""
        )
    )
    assert sum(isinstance(item, PolicyDraft) for item in told) == 1
    assert PolicyDraft.objects.count() == 1


def test_of_several_who_start_a_shadow_at_once_one_runs(ada: User) -> None:
    edit_draft(HOUSE, ada, blocked)
    digest = seen()
    at_once(lambda number: try_draft(HOUSE, ada, "To see", digest))
    assert Shadow.objects.filter(ended=None).count() == 1
    assert verify_audit().fault is None


def test_a_draft_is_let_go_of_only_when_it_is_the_one_that_was_seen(ada: User) -> None:
    edit_draft(HOUSE, ada, blocked)
    with pytest.raises(Refused, match="draft_moved"):
        discard_draft(HOUSE, default_policy().digest)
    discard_draft(HOUSE, seen())
    discard_draft(HOUSE, "nothing is there any more")
    assert not PolicyDraft.objects.exists()


def test_what_fails_to_come_into_force_stays_a_draft(ada: User) -> None:
    edit_draft(HOUSE, ada, blocked)
    with pytest.raises(Refused, match="reason_missing"):
        publish_draft(HOUSE, ada, " ", seen())
    assert PolicyDraft.objects.count() == 1
