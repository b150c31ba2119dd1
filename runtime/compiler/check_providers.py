"""check_providers: whether the providers that nodes name are here, and open to workflows."""

from collections.abc import Collection, Iterator

from runtime.graph.model import Issue
from runtime.nodes.registry import Registry
from runtime.nodes.spec import ParamKind
from runtime.plan import Plan
from runtime.providers import split_ref
from runtime.words import Words


def check_providers(plan: Plan, registry: Registry, offered: Collection[str]) -> Iterator[Issue]:
    """An issue for each param that names a provider's model which is not among `offered` (`PROVIDER:MODEL`)."""
    for step in plan.steps:
        spec = registry.spec(step.type, step.version)
        for param in spec.params if spec else ():
            value = step.params.get(param.name)
            if param.kind is not ParamKind.MODEL or not isinstance(value, str) or split_ref(value) is None:
                continue
            # A provider's models chat, and do nothing else that a node could ask of one.
            if param.capability != "text" or value not in offered:
                yield Issue(
                    "provider_missing",
                    _GONE.fill(title=step.title, model=value[:120]),
                    _HINT,
                    node=step.node,
                    param=param.name,
                )


_GONE = Words(
    "{title}: the model {model} is of a provider that is not set up, has no key, or is not open to workflows.",
    "“{title}”：模型 {model} 所属的服务商未配置、没有密钥或未对工作流开放。",
)
_HINT = Words(
    "Choose another model, or ask an administrator: `python3 manage.py providers list` tells.",
    "请选择其他模型，或联系管理员：`python3 manage.py providers list` 可查看。",
)
