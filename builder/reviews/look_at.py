"""Hands out the material of a review: to somebody who may judge it, and never without writing down that they looked."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.common.errors import Refused, not_found
from builder.reviews.desk import find_review, require_other
from builder.reviews.models import Look
from builder.runs.ledger import open_ledger
from builder.runs.models import Review, ReviewState
from runtime.ports import ASSET_KINDS
from runtime.safety.ruling import Held
from runtime.values import AssetRef, Json, data_to_json
from runtime.words import Words

# How long the pictures of one look can be fetched; after that a new look is written down.
LASTS = timedelta(minutes=10)


def look_at(user: User, review_id: UUID | str, lent_by: UUID | None = None) -> tuple[Look, Held]:
    """The look, written down, and the material. `lent_by` made the link by which the person has signed in, if any.

    Raises Refused 404, 403 `own_run`, `judged_hold` or `lent_session`, 410 `material_gone`.
    """
    review = find_review(user, review_id)
    require_other(review, user, lent_by)
    with open_ledger(review.run_id) as ledger:
        # Under the run's lock: nothing is shown of what was decided or cancelled a moment ago.
        found = ledger.run.reviews.get(pk=review.pk)
        held = _held(found)
        look = Look.objects.create(review=found, by=user, name=user.display_name)
    return look, held


def file_of(user: User, look_id: UUID | str, number: int) -> AssetRef:
    """The picture with this number, from 1, for who has just looked. Raises Refused 404 for anybody else."""
    with transaction.atomic():
        look = Look.objects.select_related("review").filter(pk=look_id, by=user).first()
        if look is None or look.at < timezone.now() - LASTS:
            raise not_found()
        # Who has left the desk since has no look to go on with.
        find_review(user, look.review_id)
        refs = files(_held(look.review))
    if number > len(refs):
        raise not_found()
    return refs[number - 1]


def files(held: Held) -> list[AssetRef]:
    """The stored bytes that the material is made of."""
    if held.value.type.kind not in ASSET_KINDS:
        return []
    data = held.value.data if isinstance(held.value.data, list) else [held.value.data]
    return [item for item in data if isinstance(item, AssetRef)]


def _held(review: Review) -> Held:
    held = review.material
    if review.state != ReviewState.OPEN or held is None:
        raise Refused(
            "material_gone",
            Words("There is nothing left to look at.", "已没有可查看的内容。"),
            Words(
                "What was decided, or waited too long, is kept no longer.",
                "已作出决定或已超过期限的内容不再保留。",
            ),
            status=410,
        )
    return held


def view_material(look: Look, held: Held) -> dict[str, Json]:
    """The material as the desk shows it. Pictures come by an address that only this look opens."""
    picture = held.value.type.kind in ASSET_KINDS
    return {
        "look": str(look.pk),
        "at": look.at.isoformat(),
        "type": str(held.value.type),
        "value": None if picture else data_to_json(held.value.type, held.value.data),
        "files": [
            {
                "url": f"/api/review-looks/{look.pk}/files/{number}",
                "media_type": ref.media_type,
                "width": ref.width,
                "height": ref.height,
                "size": ref.size,
            }
            for number, ref in enumerate(files(held), start=1)
        ],
        "spots": [spot.to_json() for spot in held.spots],
    }
