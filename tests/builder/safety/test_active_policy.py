"""The policy in force: made once, never changed, followed by the next."""

import dataclasses

import pytest

from builder.safety import active_policy as module
from builder.safety.active_policy import active_policy
from builder.safety.models import PolicyVersion
from runtime.safety.policy import default_policy

pytestmark = pytest.mark.django_db


def test_the_first_policy_is_the_built_in_one() -> None:
    assert active_policy() == default_policy()
    assert active_policy().digest == PolicyVersion.objects.get().digest


def test_a_policy_version_never_changes() -> None:
    active_policy()
    row = PolicyVersion.objects.get()
    with pytest.raises(TypeError, match="never changes"):
        row.save()


def test_a_changed_built_in_policy_becomes_the_next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    active_policy()
    changed = dataclasses.replace(default_policy(), previews="none")
    monkeypatch.setattr(module, "default_policy", lambda: changed)
    assert (active_policy().version, active_policy().previews) == (2, "none")
    assert PolicyVersion.objects.get(version=1).policy == default_policy()


def test_a_policy_of_the_installation_stays_when_the_built_in_one_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    active_policy()
    own = dataclasses.replace(default_policy(), version=2, previews="none")
    PolicyVersion(version=2, data=own.to_json(), digest=own.digest).save()
    monkeypatch.setattr(module, "default_policy", lambda: dataclasses.replace(default_policy(), rules=()))
    assert active_policy() == own
