"""Legal holds: placing, lifting, and the question that everything which deletes must ask first."""

from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.keeping.models import Hold, Subject
from builder.safety.append_audit import append_audit
from runtime.words import Words

# Any number that no other lock of this database has.
LOCK = 0x51_1C_E0_01


def lock_holds() -> None:
    """Wait for whoever places a hold or deletes, until this transaction ends.

    A deletion asks for holds under this lock: when a hold has been placed, no deletion that has not seen it is under
    way. On SQLite every transaction is alone with its writes already.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def place_hold(kind: Subject, subject: UUID, reason: str, by: User | None) -> Hold:
    """Raises Refused when there is one already, or no reason."""
    _require_reason(reason)
    try:
        with transaction.atomic():
            lock_holds()
            hold = Hold.objects.create(kind=kind, subject=subject, reason=reason, by=by)
            append_audit("hold.placed", by=by, subject=f"{kind.value} {subject}", reason=reason)
    except IntegrityError:
        raise Refused(
            "held_already",
            Words("There is a legal hold on it already.", "其上已有法律保留。"),
            status=409,
        ) from None
    return hold


def lift_hold(hold: Hold, reason: str, by: User | None) -> None:
    """Raises Refused without a reason. Lifting twice changes nothing."""
    _require_reason(reason)
    with transaction.atomic():
        lock_holds()
        rows = Hold.objects.filter(pk=hold.pk, lifted=None)
        if rows.update(lifted=timezone.now(), lift_reason=reason):
            append_audit("hold.lifted", by=by, subject=f"{hold.kind} {hold.subject}", reason=reason)


def under_hold(workspace: str = "", run: str = "", person: str = "") -> Q:
    """Rows under a hold, by the look-up paths from them to their workspace, their run, their person."""
    paths = {Subject.WORKSPACE: workspace, Subject.RUN: run, Subject.PERSON: person}
    found = Q(pk__in=[])
    for kind, path in paths.items():
        if path:
            found |= Q(**{f"{path}__in": held(kind)})
    return found


def held(kind: Subject) -> QuerySet[Hold, UUID]:
    """The ids of everything of this kind that is on hold."""
    return Hold.objects.filter(kind=kind, lifted=None).values_list("subject", flat=True)


def on_hold() -> Refused:
    return Refused(
        "legal_hold",
        Words(
            "This is under a legal hold: nobody may delete it.",
            "此内容处于法律保留状态：任何人都不得删除。",
        ),
        Words("An administrator can say why, and lift it.", "管理员可以说明原因并解除保留。"),
        status=409,
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(
            "reason_needed",
            Words("Say why.", "请说明原因。"),
            Words("The reason is kept in the audit log.", "原因将记入审计日志。"),
        )
