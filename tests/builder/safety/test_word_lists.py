"""Word lists of the installation: added and removed by a command, written down, and kept while a policy names them."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from builder.safety.models import AuditEntry, PolicyVersion
from builder.safety.verify_audit import verify_audit
from runtime.safety.filters import load_filters
from runtime.safety.policy import Action, FilterUse, default_policy

pytestmark = pytest.mark.database


@pytest.fixture
def home(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = tmp_path
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    return tmp_path


def lists(*words: str) -> str:
    out = StringIO()
    call_command("lists", *words, stdout=out)
    return out.getvalue()


def added(home: Path, content: str) -> str:
    file = home / "words.txt"
    file.write_text(content, encoding="utf-8")
    return lists("add", "plans", str(file)).split()[0]


@pytest.mark.django_db
def test_an_added_list_is_a_filter_and_stands_in_the_audit_log(home: Path) -> None:
    name = added(home, "Project Falcon\n猎鹰计划\n")
    assert name in load_filters()
    assert f"{name}  2 entries" in lists("show")
    assert AuditEntry.objects.filter(body__contains=name).count() == 1
    assert verify_audit().fault is None


@pytest.mark.django_db
@pytest.mark.parametrize("used_as", ["list.", "topics."])
def test_a_list_goes_only_while_no_policy_names_it(used_as: str, home: Path) -> None:
    name = added(home, "Project Falcon\n")
    policy = default_policy()
    rule = policy.rules[0]
    named = replace(rule, chain=(*rule.chain, FilterUse(name.replace("list.", used_as, 1), Action.BLOCK)))
    made = replace(policy, version=9, rules=(named, *policy.rules[1:]))
    PolicyVersion.objects.create(version=9, digest=made.digest, data=made.to_json())
    with pytest.raises(CommandError, match="A policy names this list"):
        lists("remove", name)
    other = added(home, "another\n")
    lists("remove", other)
    assert other not in load_filters() and name in load_filters()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "plans", "missing.txt"), "cannot be read"),
        (("remove", "list.plans.0000000000000000"), "no such list"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(words: tuple[str, ...], says: str, home: Path) -> None:
    with pytest.raises(CommandError, match=says):
        lists(*words)


@pytest.mark.django_db
def test_a_file_that_is_no_text_leaves_nothing_behind(home: Path) -> None:
    file = home / "words.bin"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="not UTF-8"):
        lists("add", "plans", str(file))
    assert lists("show") == "" and not AuditEntry.objects.filter(body__contains="list.added").exists()
