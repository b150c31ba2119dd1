"""Tells workers which models and filters a plan will use, so that its first run finds them loaded. Only a hint."""

from django.conf import settings

from builder.catalog.installed_models import installed_models
from runtime.dispatch.needs import hint, needs_of
from runtime.nodes.registry import load_registry
from runtime.plan import Plan
from runtime.safety.filters import load_filters


def warm_workers(plan: Plan) -> None:
    """Never fails, and takes no time: nothing depends on it."""
    hint(settings.SLUICEWAY_REDIS_URL, needs_of(plan, load_registry(), load_filters(), installed_models()))
