"""Workers and their queue: who is alive, who is stuck, what waits for whom and for how long."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone

from builder.keeping.models import Turn
from builder.operations.told import Told, notice, well, wrong
from builder.runs.models import Segment, Worker
from runtime.dispatch.states import SegmentState
from runtime.nodes.spec import Resource
from runtime.words import Words

# A worker reports every two seconds.
LATELY = timedelta(seconds=10)
# For so long a lease may be over before somebody must have taken it back: the sweep comes every second.
OVERDUE = timedelta(seconds=10)
# Between two looks at an idle worker beside a queue, so that the moment between two claims counts for nothing.
MOMENT = 3.0
LONG = timedelta(minutes=10)
# The turn of letting go of what is kept too long (builder/leaving/sweep.py); due for so long, nobody takes it.
RETENTION = "retention"
FORGOTTEN = timedelta(minutes=10)

_ALIVE = Words(
    "{count} workers are alive, {busy} of them busy.", "{count} 个工作进程在线，其中 {busy} 个忙碌。"
)
_NONE = Words("No worker has reported lately.", "最近没有工作进程报告。")
_START = Words(
    "Start one: `up` does, or `python -m runtime.worker` on a machine with GPUs. What waits is kept.",
    "请启动一个：`up` 会自动启动，也可在有 GPU 的机器上运行 `python -m runtime.worker`。等待中的运行不会丢失。",
)
_SILENT = Words(
    "The worker {name} was busy and has not reported for {ago}.",
    "工作进程 {name} 此前忙碌，已有 {ago} 未报告。",
)
_KILLED = Words(
    "It was killed, or its machine is gone. What it had is taken over by others; look at its log.",
    "该进程已被终止，或其机器已失联。其任务会由其他进程接手；请查看其日志。",
)
_STANDS = Words(
    "The worker {name} is idle, although a segment of class {resource} waits.",
    "有 {resource} 类的片段在等待，但工作进程 {name} 处于空闲状态。",
)
_RESTART = Words(
    "End it and start it again: what waits is kept. Its log says what it waits for.",
    "请结束并重新启动该进程：等待中的内容不会丢失。其日志会说明原因。",
)
_OVERDUE = Words("{count} segments have a lease that is over, and nobody takes them back.", "{count} 个片段的租约已到期，却无人收回。")  # fmt: skip
_SWEEP = Words(
    "Workers take them back once a second: start one, or look why those that are alive do not reach the database.",
    "工作进程每秒收回一次：请启动一个，或查明在线的进程为何无法访问数据库。",
)
_QUEUE = Words("{count} segments of class {resource} wait, the oldest for {ago}.", "{count} 个 {resource} 类片段在等待，最久已等待 {ago}。")  # fmt: skip
_NOBODY = Words(
    "No worker that is alive serves the class {resource}.", "没有在线的工作进程服务 {resource} 类。"
)
_SERVE = Words(
    "Start a worker with SLUICEWAY_RESOURCES={resource}, or give an existing one this class.",
    "请以 SLUICEWAY_RESOURCES={resource} 启动一个工作进程，或为现有进程添加该类。",
)
_MORE = Words("Start more workers of this class if that lasts.", "若持续如此，请增加该类的工作进程。")
_EMPTY = Words("Nothing waits for a worker.", "没有等待工作进程的片段。")

_SWEPT = Words("What workers do beside runs is done in time.", "工作进程的例行工作按时完成。")
_UNSWEPT = Words(
    "Workers are alive, and their sweep of what is kept too long has been due for {ago}.",
    "工作进程在线，但对超期保留内容的清理已逾期 {ago}。",
)
_NEVER_SWEPT = Words(
    "Workers are alive, and have never swept what is kept too long.",
    "工作进程在线，但从未清理过超期保留的内容。",
)
_LOG = Words("Look at their log: it names what has failed.", "请查看其日志：其中会指明失败的内容。")
_SECONDS = Words("{n} seconds", "{n} 秒")
_MINUTES = Words("{n} minutes", "{n} 分钟")
_HOURS = Words("{n} hours", "{n} 小时")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one resource class, and since when its oldest run is there."""

    resource: str
    count: int
    since: datetime


def alive() -> list[Worker]:
    return list(Worker.objects.filter(seen__gte=Now() - LATELY))


def waiting() -> list[Waiting]:
    """The queue, class by class. What needs no class of its own waits for the processor's workers."""
    ready = Segment.objects.filter(state=SegmentState.READY.value).order_by()
    rows = ready.values_list("resource").annotate(Count("id"), Min("run__created"))
    return [Waiting(*row) for row in sorted(rows)]


def workers() -> Told:
    """Whether any reported lately. One short question."""
    found = alive()
    if not found:
        return notice("workers", _NONE, _START)
    return well("workers", _ALIVE.fill(count=len(found), busy=sum(worker.busy for worker in found)))


def stuck() -> list[Told]:
    """Workers that say one thing and do another."""
    gone = Worker.objects.filter(busy=True, seen__lt=Now() - LATELY)
    told = [notice("workers", _SILENT.fill(name=worker.id, ago=ago(worker.seen)), _KILLED) for worker in gone]
    late = Segment.objects.filter(state=SegmentState.LEASED.value, leased_until__lt=Now() - OVERDUE).count()
    if late:
        told.append(wrong("leases", _OVERDUE.fill(count=late), _SWEEP))
    idle = _idle_beside_a_queue()
    if idle:
        time.sleep(MOMENT)
        still = _idle_beside_a_queue()
        told += [
            wrong("workers", _STANDS.fill(name=name, resource=resource), _RESTART)
            for (name, resource), segment in sorted(idle.items())
            if still.get((name, resource)) == segment
        ]
    return told


def sweep() -> Told:
    """Whether what workers do beside runs is done: letting go of what is kept too long comes each minute."""
    if not alive():
        return well("sweep", _SWEPT)  # that there is nobody is said elsewhere
    turn = Turn.objects.filter(name=RETENTION).first()
    if turn is None:  # a worker sweeps before it reports for the first time
        return wrong("sweep", _NEVER_SWEPT, _LOG)
    if timezone.now() - turn.due > FORGOTTEN:
        return wrong("sweep", _UNSWEPT.fill(ago=ago(turn.due)), _LOG)
    return well("sweep", _SWEPT)


def queue() -> list[Told]:
    """What waits, and whether anybody will come for it."""
    served = {resource for worker in alive() for resource in worker.resources}
    told: list[Told] = []
    for item in waiting():
        fill: dict[str, Any] = {"count": item.count, "resource": item.resource, "ago": ago(item.since)}
        if item.resource not in served:
            told.append(wrong("queue", _NOBODY.fill(**fill), _SERVE.fill(**fill)))
        long = timezone.now() - item.since > LONG
        told.append(notice("queue", _QUEUE.fill(**fill), _MORE) if long else well("queue", _QUEUE.fill(**fill)))  # fmt: skip
    return told or [well("queue", _EMPTY)]


def ago(moment: datetime) -> Words:
    """How long it has been, in the unit that a person would use."""
    seconds = max(0, round((timezone.now() - moment).total_seconds()))
    if seconds < 120:
        return _SECONDS.fill(n=seconds)
    return _MINUTES.fill(n=seconds // 60) if seconds < 7200 else _HOURS.fill(n=seconds // 3600)


def gpus(seen: Sequence[str], named: bool, torch: str | None) -> list[Told]:
    """What there is to say of GPUs: those that workers report, one that this machine has, how torch was built here."""
    if "cuda" in seen:
        return [well("gpu", _GPU.fill(count=seen.count("cuda")))]
    if not named:
        return [well("gpu", _NO_GPU)]
    built_without = torch is not None and torch.endswith("+cpu")
    return [notice("gpu", _UNUSED_GPU, _TORCH if built_without else _GPU_WORKER)]


_GPU = Words("{count} workers compute on a GPU.", "{count} 个工作进程在 GPU 上计算。")
_NO_GPU = Words(
    "Workers compute on processors: there is no GPU here.", "工作进程在处理器上计算：本机没有 GPU。"
)
_UNUSED_GPU = Words("This machine has a GPU, and no worker that is alive uses one.", "本机有 GPU，但没有在线的工作进程使用它。")  # fmt: skip
_TORCH = Words(
    "torch was installed here without CUDA: install it from an index that has the CUDA build.",
    "此处安装的 torch 不含 CUDA：请从提供 CUDA 版本的软件源安装。",
)
_GPU_WORKER = Words("Start a worker here with SLUICEWAY_RESOURCES=gpu.", "请在此处以 SLUICEWAY_RESOURCES=gpu 启动一个工作进程。")  # fmt: skip


def _idle_beside_a_queue() -> dict[tuple[str, str], Any]:
    """Idle workers with a class that they serve and in which something waits, and what waits there first."""
    ready = Segment.objects.filter(state=SegmentState.READY.value).order_by("run", "index")
    first: dict[str, Any] = {}
    for resource in Resource:
        if found := ready.filter(resource=resource.value).values_list("pk", "attempt").first():
            first[resource.value] = found
    return {
        (worker.id, resource): first[resource]
        for worker in alive()
        if not worker.busy
        for resource in worker.resources
        if resource in first
    }
