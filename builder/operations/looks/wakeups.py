"""Wake-ups: whether what carries them answers, where that is another than the message service."""

from django.conf import settings

from builder.common.broker import broker
from builder.operations.looks.messages import PATIENCE
from builder.operations.told import Told, well, wrong
from runtime.dispatch.wake import answers
from runtime.words import Words

_ANSWERS = Words("The broker of wake-ups answers.", "唤醒消息代理有响应。")
_SILENT = Words("The broker of wake-ups does not answer.", "唤醒消息代理没有响应。")
_LOOK = Words(
    "Look at the server that SLUICEWAY_BROKER_URL names. Runs go on without it; each of their parts may begin a second late.",
    "请查看 SLUICEWAY_BROKER_URL 所指的服务器。没有它运行不会中断，但每个部分可能晚一秒开始。",
)


def wakeups() -> Told | None:
    """Nothing where the message service carries them: it has been looked at."""
    if not settings.SLUICEWAY_BROKER_URL:
        return None
    if not answers(broker(), PATIENCE):
        return wrong("wakeups", _SILENT, _LOOK)
    return well("wakeups", _ANSWERS)
