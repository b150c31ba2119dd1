"""Starts the installation of a model, and stops it."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.catalog.installer import list_records
from builder.catalog.models import SILENCE, ModelInstall
from builder.catalog.watch_install import watch_in_background
from builder.common.errors import Refused, not_found
from runtime.words import Words


def install_model(name: str, user: User | None) -> ModelInstall | None:
    """The installation, begun now or already under way; None when the model is here. Raises Refused 404 or 409."""
    record = next((item for item in list_records() if item["name"] == name), None)
    if record is None:
        raise not_found()
    _close_abandoned(name)
    if record["state"] == "installed":
        return None
    if not record["available"]:
        raise Refused(
            "model_unavailable",
            Words("This model cannot be had yet.", "该模型尚不可获取。"),
            Words("It comes with a later version.", "将随后续版本提供。"),
            status=409,
        )
    try:
        with transaction.atomic():
            install = ModelInstall.objects.create(name=name, total=record["size"], by=user)
            transaction.on_commit(lambda: watch_in_background(install.pk))
    except IntegrityError:
        return ModelInstall.objects.get(name=name, finished=None)
    return install


def cancel_install(name: str) -> None:
    """Ask a running installation to stop; what has arrived is kept for the next time."""
    ModelInstall.objects.filter(name=name, finished=None).update(cancel=True)
    _close_abandoned(name)


def _close_abandoned(name: str) -> None:
    """End what lost its watcher: the process that watched it is gone, and took the installer along."""
    ModelInstall.objects.filter(name=name, finished=None, beat__lte=timezone.now() - SILENCE).update(
        finished=timezone.now()
    )
