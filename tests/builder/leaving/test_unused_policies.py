"""Combined policies: what a run or a version is pinned to stays, the rest goes after a day, and no number comes twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from builder.accounts.models import User, Workspace
from builder.leaving.sweep import turn
from builder.leaving.unused_policies import forget_policies
from builder.runs import prepare as module
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from builder.safety.active_policy import active_version
from builder.safety.change_policy import change_policy
from builder.safety.models import PolicyVersion, Scope
from builder.safety.owner import Owner
from builder.workflows.create_workflow import create_workflow
from builder.workflows.publish_workflow import publish_workflow
from runtime.safety.policy import Action, FilterUse, Policy
from tests.fixtures.runs import chain, stub_policy

SOON, LATER = timedelta(hours=23), timedelta(hours=25)


def stricter(threshold: float) -> Policy:
    return stub_policy(
        FilterUse("stub.secrets", Action.BLOCK, threshold), FilterUse("stub.words", Action.BLOCK, threshold)
    )


def combined() -> set[int]:
    return set(PolicyVersion.objects.filter(scope=Scope.COMBINED.value).values_list("version", flat=True))


def test_what_was_only_looked_at_goes_after_a_day_and_what_is_pinned_stays(
    ada: User, home: Workspace
) -> None:
    place = Owner(str(home.pk))
    change_policy(place, stricter(0.4), ada, "Care")
    run = submit_run(Order(home, {"text": "hello"}, user=ada, graph=chain(("a", "echo", {})))).run
    workflow = create_workflow(home, ada, "Mine", chain(("a", "echo", {})))
    mine = Owner(str(home.pk), str(workflow.pk))
    change_policy(mine, stricter(0.3), ada, "More care")
    version = publish_workflow(workflow, ada)
    change_policy(mine, stricter(0.2), ada, "Still more")
    looked_at = active_version(mine).version
    change_policy(mine, stricter(0.1), ada, "And more")
    kept = {run.policy_id, version.policy_version}
    assert combined() == kept | {looked_at}
    turn(timezone.now() + SOON)
    assert combined() == kept | {looked_at}
    turn(timezone.now() + LATER)
    assert combined() == kept
    turn(timezone.now() + LATER)
    assert combined() == kept
    assert PolicyVersion.objects.exclude(scope=Scope.COMBINED.value).count() == 5


def test_the_highest_number_stays_so_that_none_is_given_twice(ada: User, home: Workspace) -> None:
    place = Owner(str(home.pk))
    change_policy(place, stricter(0.4), ada, "Care")
    highest = active_version(place).version
    assert forget_policies(timezone.now() + LATER, 20) == 0
    change_policy(place, stricter(0.3), ada, "More care")
    assert forget_policies(timezone.now() + LATER, 20) == 1
    assert active_version(place).version == highest + 2


def test_what_is_wanted_again_is_made_anew_and_says_the_same(ada: User, home: Workspace) -> None:
    place = Owner(str(home.pk))
    change_policy(place, stricter(0.4), ada, "Care")
    before = active_version(place)
    active_version(Owner(str(home.pk), "elsewhere"))
    change_policy(Owner(str(home.pk), "f"), stricter(0.3), ada, "A number above it")
    assert forget_policies(timezone.now() + LATER, 20) == 1
    again = active_version(place)
    assert again.version > before.version
    assert again.policy.rules == before.policy.rules


def test_a_run_that_meets_the_deletion_is_compiled_once_more(
    ada: User, home: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Owner(str(home.pk))
    change_policy(place, stricter(0.4), ada, "Care")
    first = active_version(place).version
    change_policy(Owner(str(home.pk), "f"), stricter(0.3), ada, "A number above it")
    honest = module.compile_draft

    def slow(*given: object, **more: object) -> object:
        compiled = honest(*given, **more)  # type: ignore[arg-type]  # handed on as it came
        forget_policies(timezone.now() + LATER, 20)
        monkeypatch.setattr(module, "compile_draft", honest)
        return compiled

    monkeypatch.setattr(module, "compile_draft", slow)
    run = submit_run(Order(home, {"text": "hello"}, user=ada, graph=chain(("a", "echo", {})))).run
    assert Run.objects.count() == 1
    assert run.policy_id > first
