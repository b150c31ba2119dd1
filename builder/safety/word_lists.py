"""Adds and removes word lists of the installation, and writes both down in the audit log."""

from django.conf import settings
from django.db import transaction

from builder.accounts.models import User
from builder.safety.append_audit import append_audit
from builder.safety.models import PolicyVersion
from runtime.errors import UserError
from runtime.safety.own_lists import OwnList, Source, add_list, own_lists
from runtime.safety.policy import Policy
from runtime.words import Words


def word_lists() -> list[OwnList]:
    return own_lists(settings.HOME / "lists")


def add_word_list(name: str, source: Source, by: User | None = None) -> OwnList:
    """Store a list. Raises UserError with what to mend in the file."""
    with transaction.atomic():
        kept = add_list(name, source, settings.HOME / "lists")
        append_audit("list.added", by=by, subject=kept.filter_id, data={"entries": kept.entries})
    return kept


def remove_word_list(filter_id: str, by: User | None = None, reason: str = "") -> None:
    """Delete a list that no policy ever named: runs stay pinned to their policy, and so to its lists.

    Raises UserError otherwise.
    """
    kept = next((item for item in word_lists() if item.filter_id == filter_id), None)
    if kept is None:
        raise UserError("list_unknown", Words("There is no such list.", "没有这个词表。"))
    if any(_names(row.policy, kept) for row in PolicyVersion.objects.iterator()):
        raise UserError(
            "list_in_use",
            Words(
                "A policy names this list, and runs are pinned to that policy.",
                "已有策略使用该词表，相关运行依赖该策略。",
            ),
        )
    with transaction.atomic():
        append_audit("list.removed", by=by, subject=filter_id, reason=reason)
        kept.path.unlink(missing_ok=True)


def _names(policy: Policy, kept: OwnList) -> bool:
    """Whether a rule uses the list, for its words or for its topics."""
    return any(use.filter in kept.filter_ids for rule in policy.rules for use in rule.chain)
