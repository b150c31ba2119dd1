"""A policy that somebody with the database in hand has rewritten: nothing goes by it, and the audit log shows it."""

from dataclasses import replace

import pytest
from django.db import connection

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety.active_policy import active_policy, installation_version
from builder.safety.change_policy import change_policy
from builder.safety.models import PolicyVersion
from builder.safety.owner import INSTALLATION, Owner
from builder.safety.triggers import drop_triggers, put_triggers
from builder.safety.verify_audit import verify_audit
from runtime.safety.policy import Policy, default_policy

pytestmark = pytest.mark.django_db

MILD = replace(default_policy(), rules=tuple(replace(rule, chain=()) for rule in default_policy().rules))


def rewrite(version: int, **changed: object) -> None:
    """Past the triggers, as whoever owns the database's file can."""
    drop_triggers(connection, {"safety_policyversion": ("UPDATE",)})
    assert PolicyVersion.objects.filter(version=version).update(**changed) == 1
    put_triggers(connection, {"safety_policyversion": ("UPDATE",)})


def fault() -> str:
    found = verify_audit().fault
    return found.en if found else ""


def mild(version: int) -> Policy:
    return replace(MILD, version=version)


def test_rules_that_were_rewritten_are_used_for_nothing_and_the_log_shows_it() -> None:
    assert (active_policy().version, fault()) == (1, "")
    rewrite(1, data=mild(1).to_json())
    with pytest.raises(Refused) as refused:
        active_policy()
    assert refused.value.code == "policy_altered"
    assert fault() == "policy 1 is not what entry 1 says came into force"


def test_who_rewrites_the_digest_as_well_is_found_by_the_log() -> None:
    active_policy()
    rewrite(1, data=mild(1).to_json(), digest=mild(1).digest)
    assert fault() == "policy 1 is not what entry 1 says came into force"


def test_a_policy_that_was_deleted_and_written_anew_is_found_by_the_log() -> None:
    active_policy()
    PolicyVersion.objects.all().delete()
    assert fault() == "policy 1, which entry 1 names, is gone"
    PolicyVersion(version=1, data=mild(1).to_json(), digest=mild(1).digest).save()
    assert fault() == "policy 1 is not what entry 1 says came into force"


def test_a_policy_that_nobody_published_is_found() -> None:
    active_policy()
    PolicyVersion(version=2, data=mild(2).to_json(), digest=mild(2).digest).save()
    assert fault() == "no entry says where policy 2 comes from"


def test_what_several_policies_combine_to_is_in_the_log_too() -> None:
    ada = User.objects.create(username="ada", first_name="Ada")
    home = Owner("11111111-1111-4111-8111-111111111111")
    change_policy(home, replace(default_policy(), previews="none"), ada, "No previews here")
    combined = active_policy(home).version
    assert combined == 3 and fault() == ""
    rewrite(combined, data=mild(combined).to_json(), digest=mild(combined).digest)
    assert fault() == "policy 3 is not what entry 3 says came into force"


def test_a_combination_that_is_not_what_its_parts_make_is_used_for_nothing_and_found() -> None:
    ada = User.objects.create(username="ada", first_name="Ada")
    home = Owner("11111111-1111-4111-8111-111111111111")
    own = change_policy(home, replace(default_policy(), previews="none"), ada, "No previews here")
    assert isinstance(own, PolicyVersion)
    planted = {"scope": "combined", "made_of": f"1+{own.version}"}
    PolicyVersion(version=99, data=mild(99).to_json(), digest=mild(99).digest, **planted).save()
    with pytest.raises(Refused) as refused:
        active_policy(home)
    assert refused.value.code == "policy_altered"
    assert fault() == "no entry says where policy 99 comes from"


def test_a_combination_from_before_the_log_had_them_is_known_by_its_parts() -> None:
    ada = User.objects.create(username="ada", first_name="Ada")
    home = Owner("11111111-1111-4111-8111-111111111111")
    change_policy(home, replace(default_policy(), previews="none"), ada, "No previews here")
    logged = active_policy(home)
    row = PolicyVersion.objects.get(version=logged.version)
    PolicyVersion.objects.filter(version=row.version).delete()
    moved = replace(logged, version=7)
    PolicyVersion(
        version=7, data=moved.to_json(), digest=moved.digest, scope=row.scope, made_of=row.made_of
    ).save()
    assert fault() == "" and active_policy(home).version == 7


@pytest.mark.parametrize("whose", [{"scope": "workspace", "owner": "0" * 36}, {"scope": "combined"}])
def test_a_policy_that_is_made_somebody_else_s_is_found(whose: dict[str, str]) -> None:
    ada = User.objects.create(username="ada", first_name="Ada")
    strict = replace(active_policy(), previews="none")
    assert isinstance(change_policy(INSTALLATION, strict, ada, "No previews"), PolicyVersion)
    drop_triggers(connection, {"safety_policyversion": ("UPDATE",)})
    PolicyVersion.objects.filter(version=2).update(**whose)
    put_triggers(connection, {"safety_policyversion": ("UPDATE",)})
    assert fault() == "policy 2 is not what entry 2 says came into force"


def test_a_workspace_may_go_with_its_policies() -> None:
    ada = User.objects.create(username="ada", first_name="Ada")
    home = Owner("11111111-1111-4111-8111-111111111111")
    change_policy(home, replace(default_policy(), previews="none"), ada, "No previews here")
    active_policy(home)
    PolicyVersion.objects.exclude(version=installation_version().version).delete()
    assert fault() == "" and active_policy(INSTALLATION).version == 1
