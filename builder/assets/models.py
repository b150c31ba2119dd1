"""Asset: a workspace's right to see some stored bytes. Bytes without a row here have no address."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.models import User, Workspace
from builder.accounts.scope import ScopedQuerySet
from builder.common.models import Identified
from runtime.values import AssetRef


class Origin(models.TextChoices):
    UPLOAD = "upload", _("Upload")
    OUTPUT = "output", _("Output of a run")


class Asset(Identified):
    """Stored bytes as one workspace knows them. What a step made on the way has no row, and so no address."""

    SCOPE: ClassVar[str] = "workspace"

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="assets", verbose_name=_("workspace")
    )
    sha256 = models.CharField("SHA-256", max_length=64)
    media_type = models.CharField(_("media type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    width = models.PositiveIntegerField(_("width"), null=True)
    height = models.PositiveIntegerField(_("height"), null=True)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    # Where it came from: of an output, the run and the result's name.
    provenance = models.JSONField(_("provenance"), default=dict)
    # The rules that have passed exactly these bytes, each with the policy and the filters of that moment.
    clearances = models.JSONField(default=list, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "sha256"],
                condition=models.Q(origin=Origin.OUTPUT),
                name="one_output_per_content",
            ),
            # Two people who bring the same bytes have a row each: an upload is its uploader's alone.
            models.UniqueConstraint(
                fields=["workspace", "sha256", "by"],
                condition=models.Q(origin=Origin.UPLOAD),
                name="one_upload_per_person",
            ),
        ]
        # Whoever deletes asks whether anybody at all still names the bytes.
        indexes = [models.Index(fields=["sha256"], name="assets_by_content")]

    def __str__(self) -> str:
        return f"{self.media_type} {self.sha256[:12]}"

    @property
    def ref(self) -> AssetRef:
        return AssetRef(self.sha256, self.media_type, self.size, self.width, self.height)

    @property
    def url(self) -> str:
        return f"/api/assets/{self.pk}/content"
