"""Shares a published version as a template, for everybody of the installation, once its words are judged."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.gallery.models import Template
from builder.gallery.words_of import with_plain_ids, words_of
from builder.safety.judge_words import judge_words
from builder.workflows.compile_draft import compile_draft
from builder.workflows.models import WorkflowVersion
from builder.workflows.read_graph import graph_invalid, read_graph
from runtime.words import Words

MAX_SLUG = 80
PER_DAY = 20
DAY = timedelta(days=1)


def share_template(
    version: WorkflowVersion,
    user: User,
    title: dict[str, str],
    description: dict[str, str],
    tags: list[str],
) -> Template:
    """The template, a copy of the version.

    Raises Refused: `graph_invalid` when it no longer compiles, `too_many_templates`, and what the policy stops of its words.
    """
    graph = with_plain_ids(version.graph)
    compiled = compile_draft(read_graph(graph), to_run=False)
    view = compiled.view()
    if view is None:
        raise graph_invalid(compiled.issues)
    _require_room(user)
    judge_words(words_of(title, description, tags, graph), user)
    template = Template(
        title=title,
        description=description,
        tags=list(dict.fromkeys(tags)),
        graph=graph,
        inputs=view["inputs"],
        version=version,
        by=user,
    )
    _save_with_slug(template, _slug(title["en"]) or "template")
    return template


def _require_room(user: User) -> None:
    """The gallery is everybody's: nobody fills it alone."""
    today = Template.objects.filter(by=user, created__gt=timezone.now() - DAY)
    if today.count() >= PER_DAY:
        raise Refused(
            "too_many_templates",
            Words("You have shared {most} templates within a day.", "您一天内已分享 {most} 个模板。").fill(
                most=str(PER_DAY)
            ),
            Words("Share more tomorrow.", "请明天再分享。"),
            status=429,
            wait=int(DAY.total_seconds()),
        )


def _slug(title: str) -> str:
    """Small letters, digits and single hyphens."""
    return slugify(title.replace("_", "-"))[:MAX_SLUG].strip("-")


def _save_with_slug(template: Template, wanted: str) -> None:
    """Take the wanted name, or the first free one of name-2, name-3, …"""
    taken = set(Template.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    template.slug = next(name for name in _names(wanted) if name not in taken)
    try:
        with transaction.atomic():
            template.save(force_insert=True)
    except IntegrityError:
        # Somebody took the name at the same moment; an id never collides.
        template.slug = f"{wanted}-{template.pk.hex[-8:]}"
        template.save(force_insert=True)


def _names(wanted: str) -> Iterator[str]:
    yield wanted
    for number in count(2):
        yield f"{wanted}-{number}"
