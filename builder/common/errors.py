"""Refused: an answer of "no" that says why, what to do, and which HTTP status tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.errors import UserError
from runtime.graph.model import Issue
from runtime.values import Json
from runtime.words import Words


@dataclass
class Refused(UserError):
    """A UserError with its HTTP status, the issues behind it, and what else the browser needs to go on.

    `wait`: seconds after which it makes sense to try again; 0 where that is no matter of time.
    """

    status: int = 400
    wait: int = 0
    issues: tuple[Issue, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.message.en}"


def not_found() -> Refused:
    """The same answer for what does not exist and for what belongs to others: neither can be told apart."""
    return Refused(
        "not_found",
        Words("There is nothing here, or you may not see it.", "这里没有内容，或者您无权查看。"),
        Words("Check the address, or ask a member of the workspace.", "请检查地址，或联系工作区成员。"),
        status=404,
    )


def read_only() -> Refused:
    return Refused(
        "read_only",
        Words("You may look at this workspace, but not change it.", "您可以查看此工作区，但不能修改。"),
        Words("Ask an owner of the workspace to make you an editor.", "请联系工作区所有者将您设为编辑者。"),
        status=403,
    )


def owners_only() -> Refused:
    return Refused(
        "owners_only",
        Words(
            "Only an owner of the workspace may change its policies.",
            "只有工作区所有者可以更改其策略。",
        ),
        Words(
            "Ask an owner of the workspace; you may read what holds.",
            "请联系工作区所有者；您可以查看现行策略。",
        ),
        status=403,
    )


def administrators_only() -> Refused:
    return Refused(
        "administrators_only",
        Words("Only an administrator may do this.", "只有管理员可以执行此操作。"),
        Words("Ask an administrator of this installation.", "请联系此系统的管理员。"),
        status=403,
    )
