"""Whether the labels that a workflow asks for and those that its calls ask for are of one profile."""

from collections.abc import Iterable

from builder.safety.models import Scope
from runtime.graph.model import Issue
from runtime.labelling.profile import Profile
from runtime.safety.policy import Policy
from runtime.words import Words


def labels_differ(layers: Iterable[tuple[str, Policy]]) -> tuple[Issue, ...]:
    """An issue when two workflows ask for labels of different laws: one label does not do for the other.

    `layers` are the policies in force, each with its scope. A floor's profile settles it for all who stand on it.
    """
    asked: dict[bool, set[Profile]] = {True: set(), False: set()}
    for scope, policy in layers:
        asked[scope == Scope.WORKFLOW.value].add(policy.labelling.profile)
    floors, workflows = asked[False] - {Profile.NONE}, asked[True] - {Profile.NONE}
    return () if floors or len(workflows) < 2 else (_DIFFER,)


_DIFFER = Issue(
    "labels_differ",
    Words(
        "A workflow that is called asks for labels of another profile than this one, or than another that is called.",
        "被调用的工作流所要求的标识规范与本工作流或其他被调用的工作流不同。",
    ),
    Words(
        "Ask an administrator to give them one profile, or call another workflow.",
        "请管理员统一它们的标识规范，或改为调用其他工作流。",
    ),
)
