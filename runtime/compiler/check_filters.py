"""check_filters: whether the gates of a plan could do their work here. A gate that cannot lets nothing pass."""

from collections.abc import Collection, Iterator, Mapping

from runtime.compiler.guarded import first_guarded
from runtime.graph.model import Issue
from runtime.plan import Plan, Step
from runtime.safety.filters import Filter
from runtime.words import Words


def check_filters(
    plan: Plan, filters: Mapping[str, Filter], installed: Collection[str], providers: Collection[str] = ()
) -> tuple[Issue, ...]:
    """An issue for each filter that is not here, or whose model is not, at the first node that it stands before.

    `installed` are the models that are here, `providers` those that have all they need to be asked.
    """
    found: dict[str, Issue] = {}
    for gate in plan.steps:
        for name, *_ in gate.gate.chain if gate.gate else ():
            issue = None if name in found else _missing(name, filters, (installed, providers), gate, plan)
            if issue is not None:
                found[name] = issue
    return tuple(found.values())


def _missing(
    name: str,
    filters: Mapping[str, Filter],
    here: tuple[Collection[str], Collection[str]],
    gate: Step,
    plan: Plan,
) -> Issue | None:
    place = first_guarded(gate, plan)
    node, port = (place.node, place.port) if place else (None, None)
    known = filters.get(name)
    if known is None:
        return Issue(
            "filter_unknown",
            _UNKNOWN.fill(filter=name),
            _JUDGE if name.startswith("judge.") else _CHANGE,
            node=node,
            port=port,
        )
    installed, providers = here
    for provider in _providers(known, filters):
        if provider not in providers:
            return Issue(
                "filter_provider_missing",
                _PROVIDER.fill(filter=known.spec.title, provider=provider),
                _KEY.fill(provider=provider),
                node=node,
                port=port,
            )
    for model in _models(known, filters):
        if model in installed:
            continue
        return Issue(
            "filter_model_missing",
            _MODEL.fill(filter=known.spec.title, model=model),
            _INSTALL.fill(model=model),
            node=node,
            port=port,
        )
    return None


def _models(known: Filter, filters: Mapping[str, Filter]) -> Iterator[str]:
    """The models that a filter needs: its own, and those of the filters that it uses."""
    for item in _with_used(known, filters):
        if item.spec.model:
            yield item.spec.model


def _providers(known: Filter, filters: Mapping[str, Filter]) -> Iterator[str]:
    for item in _with_used(known, filters):
        if item.spec.provider:
            yield item.spec.provider


def _with_used(known: Filter, filters: Mapping[str, Filter]) -> Iterator[Filter]:
    yield known
    yield from (filters[name] for name in known.spec.uses if name in filters)


_UNKNOWN = Words(
    "The policy asks for the filter “{filter}”, which is not installed.",
    "策略要求使用过滤器“{filter}”，但它尚未安装。",
)
_CHANGE = Words("Ask an administrator to change the policy.", "请联系管理员修改策略。")
_JUDGE = Words(
    "Its model or provider is gone or another one now. An administrator brings it back (`python3 manage.py providers "
    "add`, or the models' catalogue), or changes the policy.",
    "其模型或服务商已移除或更换。请管理员恢复（`python3 manage.py providers add` 或模型目录），或修改策略。",
)
_PROVIDER = Words(
    "The filter “{filter}” asks the provider {provider}, which has no key here: nothing could pass its gate.",
    "过滤器“{filter}”需要服务商 {provider}，但此处没有其密钥：任何内容都无法通过该闸门。",
)
_KEY = Words(
    "An administrator gives it one: `python3 manage.py providers key {provider}`.",
    "请管理员提供密钥：`python3 manage.py providers key {provider}`。",
)
_MODEL = Words(
    "The filter “{filter}” needs the model {model}, which is not installed: nothing could pass its gate.",
    "过滤器“{filter}”需要模型 {model}，但尚未安装：任何内容都无法通过该闸门。",
)
_INSTALL = Words(
    "Install it on the Models page, or with `python3 manage.py models install {model}`.",
    "请在“模型”页面安装，或运行 `python3 manage.py models install {model}`。",
)
