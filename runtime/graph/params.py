"""check_params: a node's settings against its spec, filled with defaults."""

from collections.abc import Callable, Mapping

from runtime.graph.model import Issue
from runtime.nodes.spec import NodeSpec, Param, ParamKind
from runtime.values import Json
from runtime.words import Words

MAX_LINES = 20


def check_params(node: str, spec: NodeSpec, given: Mapping[str, Json]) -> tuple[dict[str, Json], list[Issue]]:
    """All params by name, defaults filled in, and every issue found on the way."""
    issues = [
        Issue(
            "param_unknown",
            Words("{title} has no setting “{name}”.", "“{title}”没有名为“{name}”的设置。").fill(
                title=spec.title, name=name[:60]
            ),
            Words(
                "Remove it, or choose another version of the node.", "请删除该设置，或选择该节点的其他版本。"
            ),
            node=node,
            param=name[:60],
        )
        for name in given
        if spec.param(name) is None
    ]
    filled: dict[str, Json] = {}
    for param in spec.params:
        value = given.get(param.name)
        filled[param.name] = param.default if value is None else value
        problem = param_problem(param, filled[param.name])
        if problem:
            issues.append(_issue(node, spec, param, problem))
    return filled, issues


def param_problem(param: Param, value: Json) -> Words | None:
    """Why this value cannot be the param's, as the end of a sentence; None when it can."""
    if value is None or value == "" or value == []:
        return Words("is needed", "为必填项") if param.required else None
    return _CHECKS[param.kind](param, value)


def _issue(node: str, spec: NodeSpec, param: Param, problem: Words) -> Issue:
    missing = problem.en == "is needed"
    message = Words("{title}: {param} {problem}.", "{title}：{param}{problem}。")
    return Issue(
        "param_missing" if missing else "param_invalid",
        message.fill(title=spec.title, param=param.title, problem=problem),
        param.help,
        node=node,
        param=param.name,
    )


def _text(param: Param, value: Json) -> Words | None:
    if not isinstance(value, str):
        return Words("must be text", "必须是文本")
    if len(value) > param.max_length:
        return Words(f"is longer than {param.max_length} characters", f"超过 {param.max_length} 个字符")
    return None


def _number(param: Param, value: Json) -> Words | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return Words("must be a number", "必须是数字")
    if param.kind is ParamKind.INTEGER and value != int(value):
        return Words("must be a whole number", "必须是整数")
    if param.minimum is not None and value < param.minimum:
        return Words(f"must be at least {param.minimum:g}", f"不得小于 {param.minimum:g}")
    if param.maximum is not None and value > param.maximum:
        return Words(f"must be at most {param.maximum:g}", f"不得大于 {param.maximum:g}")
    return None


def _boolean(param: Param, value: Json) -> Words | None:
    return None if isinstance(value, bool) else Words("must be yes or no", "必须是“是”或“否”")


def _choice(param: Param, value: Json) -> Words | None:
    if isinstance(value, str) and value in {choice.value for choice in param.choices}:
        return None
    listed = ", ".join(choice.value for choice in param.choices)
    return Words(f"must be one of: {listed}", f"必须是以下之一：{listed}")


def _lines(param: Param, value: Json) -> Words | None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return Words("must be a list of lines", "必须是若干行文本")
    if len(value) > MAX_LINES:
        return Words(f"has more than {MAX_LINES} lines", f"超过 {MAX_LINES} 行")
    if any(not item.strip() or len(item) > 200 for item in value):
        return Words("has an empty line, or one over 200 characters", "含有空行，或某一行超过 200 个字符")
    if len(set(value)) != len(value):
        return Words("has the same line twice", "含有重复的行")
    return None


def _reference(param: Param, value: Json) -> Words | None:
    if isinstance(value, str) and 0 < len(value) <= 200:
        return None
    return Words("must name something that exists", "必须指向已有的内容")


_CHECKS: Mapping[ParamKind, Callable[[Param, Json], Words | None]] = {
    ParamKind.TEXT: _text,
    ParamKind.MULTILINE: _text,
    ParamKind.INTEGER: _number,
    ParamKind.NUMBER: _number,
    ParamKind.DURATION: _number,
    ParamKind.BOOLEAN: _boolean,
    ParamKind.CHOICE: _choice,
    ParamKind.LINES: _lines,
    ParamKind.MODEL: _reference,
    ParamKind.ASSET: _reference,
    ParamKind.WORKFLOW: _reference,
    ParamKind.PORT: _reference,
}
