"""Failures that have nothing to do with a node's own code, in words that name the way out."""

from runtime.dispatch.store import Failure
from runtime.words import Words


def not_cleared(node: str | None) -> Failure:
    return Failure(
        "not_cleared",
        Words("This did not carry the clearance that the policy asks for.", "内容缺少策略要求的放行凭证。"),
        Words(
            "Nothing was let through. Save the workflow and run it again; if it recurs, tell an administrator.",
            "内容未被放行。请重新保存并运行工作流；若仍出现，请联系管理员。",
        ),
        node,
    )


def policy_tightened() -> Failure:
    return Failure(
        "policy_tightened",
        Words(
            "The policy has become stricter since this run was started, so nothing more of it is let through.",
            "此运行开始后策略已变得更严格，因此不再放行其任何内容。",
        ),
        Words("Run it again: it is judged by today's policy then.", "请重新运行，届时将按当前策略判定。"),
    )


def policy_altered() -> Failure:
    return Failure(
        "policy_altered",
        Words("The policy of this run is not what was published.", "此运行的策略与发布时不一致。"),
        Words(
            "Nothing was let through. An administrator verifies the audit log.",
            "内容未被放行。请管理员校验审计日志。",
        ),
    )


def timed_out(node: str | None, seconds: float) -> Failure:
    return Failure(
        "step_timeout",
        Words("This step took longer than {seconds} s.", "此步骤超过了 {seconds} 秒的时限。").fill(
            seconds=f"{seconds:g}"
        ),
        Words("Make its task smaller, then run it again.", "请减小任务规模后重新运行。"),
        node,
    )


def out_of_memory(node: str | None) -> Failure:
    return Failure(
        "out_of_memory",
        Words("There was not enough memory for this step.", "内存不足，无法完成此步骤。"),
        Words("Choose a smaller picture or model.", "请选择更小的图像或模型。"),
        node,
    )


def said_too_much(node: str | None) -> Failure:
    return Failure(
        "printed_too_much",
        Words("This step printed more than a worker takes.", "此步骤打印的内容超出了工作进程可接受的上限。"),
        Words("Tell an administrator: its program has a mistake.", "请联系管理员：其程序存在错误。"),
        node,
    )


def effect_unknown(node: str | None) -> Failure:
    return Failure(
        "effect_unknown",
        Words("It is not known whether this happened.", "无法确定此操作是否已经发生。"),
        Words(
            "It was begun, and must not happen twice. Look where it would show, then say what is true.",
            "该操作已经开始，且不得重复执行。请到其生效之处核实，再如实选择。",
        ),
        node,
    )


def effect_happened(node: str | None) -> Failure:
    return Failure(
        "effect_happened",
        Words(
            "Somebody said that this happened; what it would have given is not known.",
            "有人确认此操作已经发生，但其结果未知。",
        ),
        Words(
            "What comes after it cannot go on without that, unless the drawing says what to do then.",
            "除非流程图规定了失败时的做法，否则后续步骤无法继续。",
        ),
        node,
    )


def not_answered(node: str | None) -> Failure:
    return Failure(
        "not_answered",
        Words("Nobody answered in time.", "无人在期限内回答。"),
        Words(
            "Run it again, give people more time, or draw what is to happen then.",
            "请重新运行、延长期限，或在流程图中规定届时的做法。",
        ),
        node,
    )


def plan_refused() -> Failure:
    return Failure(
        "plan_refused",
        Words("The worker refused this plan.", "工作进程拒绝了该计划。"),
        Words(
            "Save the workflow and run it again; if it recurs, tell an administrator.",
            "请重新保存并运行工作流；若仍出现，请联系管理员。",
        ),
        None,
    )


def worker_lost(node: str | None) -> Failure:
    return Failure(
        "worker_lost",
        Words("The worker was lost three times while it ran this step.", "运行此步骤时工作进程已三次中断。"),
        Words("Make its task smaller, or ask an administrator.", "请减小任务规模，或联系管理员。"),
        node,
    )
