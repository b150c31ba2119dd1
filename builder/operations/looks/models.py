"""Models: whether those are here, and whole, that published workflows and their gates need."""

from collections.abc import Collection, Iterator, Mapping

from django.db.models import F

from builder.catalog.installed_models import installed_models
from builder.catalog.installer import list_records
from builder.operations.told import Told, notice, well, wrong
from builder.safety.owner import Owner
from builder.workflows.compile_draft import compile_draft
from builder.workflows.models import WorkflowVersion
from runtime.errors import OperationalError, UserError
from runtime.graph.parse import parse_graph
from runtime.nodes.registry import load_registry
from runtime.nodes.spec import ParamKind
from runtime.plan import Plan
from runtime.providers import split_ref
from runtime.safety.filters import Filter, load_filters
from runtime.words import Words

# The newest editions that are looked at: each is compiled.
MOST = 300

_ALL = Words(
    "Every model that {count} published workflows need is here.", "{count} 个已发布工作流所需的模型均已就绪。"
)
_BROKEN = Words("The model {name} is broken.", "模型 {name} 已损坏。")
_AGAIN = Words(
    "Run `python3 manage.py models install {name}`.", "请运行 `python3 manage.py models install {name}`。"
)
_MISSING = Words("{count} published workflows need the model {name}, which is not here.", "{count} 个已发布工作流需要模型 {name}，但未安装。")  # fmt: skip
_GATES = Words(
    "The gates of {count} published workflows need the model {name}, which is not here: nothing passes them.",
    "{count} 个已发布工作流的关卡需要模型 {name}，但未安装：没有内容能够通过。",
)
_STALE = Words("{count} published workflows do not compile any more.", "{count} 个已发布工作流已无法编译。")
_OPEN_THEM = Words(
    "Open them in the editor, or in the policy editor see which stop; the first is {name}.",
    "请在编辑器中打开查看，或在策略编辑器中查看哪些会停止；第一个是 {name}。",
)
_UNREADABLE = Words("The catalogue of models cannot be read.", "无法读取模型目录。")
_LIST = Words(
    "Run `python3 manage.py models list` to see why.", "请运行 `python3 manage.py models list` 查看原因。"
)


def models() -> list[Told]:
    """One sentence a model that is wanted and not here, or broken; one of praise where there is none."""
    needed: dict[str, tuple[Words, set[str]]] = {}
    stale: list[str] = []
    versions = list(_published())
    for version in versions:
        plan = _plan_of(version)
        if plan is None:
            stale.append(version.workflow.name)
            continue
        for name, sentence in _needs(plan):
            needed.setdefault(name, (sentence, set()))[1].add(str(version.workflow_id))
    broken = _broken()
    told = [_UNREAD] if broken is None else list(_judged(broken, needed))
    here = installed_models()
    for name, (sentence, workflows) in sorted(needed.items()):
        if name not in here and name not in (broken or ()):
            fill = sentence.fill(count=len(workflows), name=name)
            told.append(wrong("models", fill, _AGAIN.fill(name=name)))
    if stale:
        told.append(notice("workflows", _STALE.fill(count=len(stale)), _OPEN_THEM.fill(name=stale[0])))
    return told or [well("models", _ALL.fill(count=len(versions)))]


def _judged(broken: Collection[str], needed: Collection[str]) -> Iterator[Told]:
    """A broken model is wrong where somebody needs it."""
    for name in broken:
        say = wrong if name in needed else notice
        yield say("models", _BROKEN.fill(name=name), _AGAIN.fill(name=name))


_UNREAD = wrong("models", _UNREADABLE, _LIST)


def _broken() -> list[str] | None:
    """Those whose files are not what was installed; None where nobody can tell."""
    try:
        return sorted(record["name"] for record in list_records() if record["state"] == "broken")
    except OperationalError:
        return None


def _published() -> Iterator[WorkflowVersion]:
    rows = WorkflowVersion.objects.filter(number=F("workflow__published"), workflow__deleted=None)
    return rows.select_related("workflow").order_by("-id")[:MOST].iterator()


def _plan_of(version: WorkflowVersion) -> Plan | None:
    graph, _ = parse_graph(version.graph)
    if graph is None:
        return None
    owner = Owner(str(version.workflow.workspace_id), str(version.workflow_id))
    try:
        return compile_draft(graph, owner, to_run=False).plan
    except UserError:  # what it calls is gone, or the policy in force is not what was published
        return None


def _needs(plan: Plan) -> Iterator[tuple[str, Words]]:
    """The models that its steps name, and those of its gates' filters."""
    registry, filters = load_registry(), load_filters()
    for step in plan.steps:
        spec = registry.spec(step.type, step.version)
        for param in spec.params if spec else ():
            value = step.params.get(param.name)
            if param.kind is ParamKind.MODEL and isinstance(value, str) and value and not split_ref(value):
                yield value, _MISSING
        for name, *_ in step.gate.chain if step.gate else ():
            yield from ((model, _GATES) for model in _models_of(name, filters))


def _models_of(name: str, filters: Mapping[str, Filter]) -> Iterator[str]:
    """Those of the filter, and of the filters that it uses."""
    found = filters.get(name)
    if found is None:
        return
    if found.spec.model:
        yield found.spec.model
    for used in found.spec.uses:
        yield from _models_of(used, filters)
