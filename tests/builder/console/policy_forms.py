"""The forms of the policy's pages, filled in and sent as a browser does: with what the page that was seen carries."""

import re
from typing import Any

from django.test import Client
from django.utils.html import strip_tags

from builder.console.policy.forms import RuleForm, UseForm
from builder.safety.active_policy import active_policy
from runtime.safety.policy import Rule

CARRIED = re.compile(r'<input type="hidden" name="(seen|base|in_force)" value="([^"]*)">')
POLICY = "/console/policy/"


def look(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return str(answer.content.decode())


def words(html: str) -> str:
    return " ".join(strip_tags(html).split())


def carried(html: str) -> dict[str, str]:
    """What the buttons of a page send beside what is typed; all of them the same."""
    found = set(CARRIED.findall(html))
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


def rule(name: str) -> Rule:
    return next(rule for rule in active_policy().rules if rule.id == name)


def form_of(found: Rule, **changes: Any) -> dict[str, Any]:
    """What the rule's page would send when nothing but `changes` was touched."""
    sent: dict[str, Any] = RuleForm.initial_of(found)
    for number, use in enumerate(found.chain):
        sent |= {f"use-{number}-{key}": value for key, value in UseForm.initial_of(use).items()}
    count = len(found.chain)
    management = {"use-TOTAL_FORMS": count + 2, "use-INITIAL_FORMS": count}
    blanks = {
        f"use-{number}-{key}": value
        for number in (count, count + 1)
        for key, value in (("filter", ""), ("action", "block"), ("threshold", "0.5"))
    }
    return sent | management | blanks | changes


def rule_page(name: str, query: str = "") -> str:
    return f"{POLICY}rule/?rule={name}{query}"


def save(client: Client, name: str, query: str = "", **changes: Any) -> None:
    page = rule_page(name, query)
    answer = client.post(page, form_of(rule(name), **changes) | carried(look(client, page)))
    assert answer.status_code == 302, strip_tags(answer.content.decode())


def act(client: Client, act: str, query: str = "", **more: str) -> str:
    """The words of the page that comes of a button that was pressed on a fresh one."""
    page = f"{POLICY}{query}"
    sent = {"act": act, **carried(look(client, page)), **more}
    return words(client.post(page, sent, follow=True).content.decode())
