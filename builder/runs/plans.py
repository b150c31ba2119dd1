"""Plans as they are kept: one row for all runs of a workspace that follow the same, read and parsed once in a process."""

import hashlib
import json
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils.crypto import salted_hmac

from builder.accounts.models import Workspace
from builder.runs.models import KeptPlan
from runtime.memory import Memory
from runtime.plan import FORMAT, Plan, canonical, sign_text


class Signed(NamedTuple):
    plan: Plan
    mac: str


class UnreadablePlan(Exception):
    """The row holds no plan of this edition's format."""


class NewerPlan(UnreadablePlan):
    """A later edition wrote it: while an installation is upgraded, its workers are for those of that edition."""


# Characters of the plans whose parsed forms a process keeps: some hundreds of usual ones, ten of the largest.
_parsed: Memory[Signed] = Memory(room=64_000_000)


def plan_key() -> bytes:
    """The key under which this installation signs plans."""
    return salted_hmac("sluiceway.plan", "", algorithm="sha256").digest()


def as_kept(plan: Plan, workspace: Workspace) -> KeptPlan:
    """The plan's row, signed, and not yet written."""
    text = canonical(plan)
    name = hashlib.sha256(f"{workspace.pk}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
    return KeptPlan(id=name, workspace_id=workspace.pk, text=text, mac=sign_text(text, plan_key()))


def signed_plan(kept: str) -> Signed:
    """The plan of this row with its signature, the same object each time. Raises KeptPlan.DoesNotExist, UnreadablePlan."""
    found = _parsed.get(kept)
    if found is None:
        row = KeptPlan.objects.get(pk=kept)
        try:
            data = json.loads(row.text)
            if type(data["format"]) is int and data["format"] > FORMAT:
                raise NewerPlan(f"plan {kept[:12]}: format {data['format']} is newer than {FORMAT}")
            found = Signed(Plan.from_json(data), row.mac)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
            raise UnreadablePlan(f"plan {kept[:12]}: {type(fault).__name__}") from fault
        _parsed.put(kept, found, len(row.text))
    return found


def plan_of(kept: str) -> Plan:
    return signed_plan(kept).plan


def forget_plan(kept: str) -> None:
    """Delete the plan unless a run follows it; whoever is about to follow it at this moment writes it anew."""
    try:
        with transaction.atomic():
            KeptPlan.objects.filter(pk=kept, runs=None).delete()
    except (RestrictedError, IntegrityError):
        return
