"""check_labels: whether what a plan's gates are to label can carry a label. What cannot, no gate lets pass."""

from runtime.compiler.guarded import first_guarded
from runtime.graph.model import Issue
from runtime.plan import Plan, Step
from runtime.ports import KIND_WORDS, TEXT, Kind
from runtime.safety.policy import is_labelling
from runtime.words import Words

# Kinds of which each value can carry one (runtime.safety.marking).
_CARRIERS = frozenset({Kind.TEXT, Kind.IMAGE, Kind.AUDIO})


def check_labels(plan: Plan) -> tuple[Issue, ...]:
    """A warning for each input that a model's work would have to reach with a label that it cannot carry.

    Not an error: at run time a branch may be taken in which no model had a part.
    """
    found = []
    for gate in plan.steps:
        if gate.gate is None or not any(map(is_labelling, gate.gate.rules)):
            continue
        place = first_guarded(gate, plan)
        if place is not None and place.type.kind not in _CARRIERS and not _is_plain(gate, plan):
            message = _IMPOSSIBLE.fill(kind=KIND_WORDS[place.type.kind])
            found.append(
                Issue(
                    "label_impossible", message, _HINT, node=place.node, port=place.port, severity="warning"
                )
            )
    return tuple(found)


def _is_plain(gate: Step, plan: Plan) -> bool:
    """Whether nothing but texts come to the gate, whatever the port behind it would take."""
    refs = (ref for binding in gate.bindings for ref in binding.refs)
    return all(dict(plan.step(ref.step).outputs)[ref.port] == TEXT for ref in refs)


_IMPOSSIBLE = Words(
    "The policy asks for an AI label here, and {kind} can carry none: what a model had a part in does not pass.",
    "策略要求此处添加 AI 标识，但{kind}无法添加：有模型参与生成的内容将不会通过。",
)
_HINT = Words(
    "Deliver it as text, or ask an administrator about the policy's labelling.",
    "请改为以文本输出，或联系管理员检查策略的标识设置。",
)
