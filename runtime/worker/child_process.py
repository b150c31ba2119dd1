"""ChildProcess: the agent's handle on the process that runs nodes."""

import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

from runtime.dispatch.claim_id import ClaimId
from runtime.dispatch.needs import Needs
from runtime.dispatch.store import Claim
from runtime.dispatch.trial import Trial
from runtime.dispatch.wire import Known, claim_to_json
from runtime.values import Json
from runtime.worker import environment
from runtime.worker.frames import BrokenFrame, Writer, read_frame
from runtime.worker.offspring import MARK, end_adopted, end_offspring

log = logging.getLogger(__name__)

STDERR = 2
KEPT = 256 * 1024  # bytes of what a child prints while it works on an order that go into our log
# While one step runs no more is taken than this of what it prints: whoever goes on has lost its way, and is ended.
MOST_SAID = 64 * 1024 * 1024

# The kernel ends a child with the thread that started it, so one thread starts them all and lives as long as we do.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")
# Children of this process that are not buried yet. While one is started, nobody looks for those that are nobody's.
_own: set[int] = set()
_starting = threading.Lock()


Frames = queue.Queue[dict[str, Json] | None]


class ChildProcess:
    """One running child. `frames` gives what it says about no claim, `run` what it says about one; None once it has ended."""

    def __init__(self) -> None:
        self.frames: Frames = queue.Queue()
        self.ended_by_us = False
        # Claims that it has in hand, and whether there were several when it ended.
        self._in_hand: dict[ClaimId, Frames] = {}
        self._handing = threading.Lock()
        self._ended = self._ended_in_company = False
        self.models: tuple[str, ...] = ()  # those that it holds in memory
        self.said = 0  # bytes that it has printed
        self._kept = 0  # of those since its last order, what went into our log
        self._known = Known()
        self._ending = threading.Lock()
        # Hints that it was given, and those that it is done with; each counted by one thread.
        self._hinted = self._warmed = 0
        self._mark = uuid4().hex
        self._process = _starter.submit(_start, self._mark).result()
        assert self._process.stdin is not None
        self._orders = Writer(self._process.stdin)
        threading.Thread(target=self._read, name="child frames", daemon=True).start()
        threading.Thread(target=self._listen, name="child log", daemon=True).start()

    @property
    def alive(self) -> bool:
        if self._process.returncode is not None or not hasattr(os, "waitid"):
            return self._process.poll() is None
        # It is left to be buried by `kill`: until then its number is nobody else's, nor is its group's.
        try:
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # buried in this moment
            return False
        return ended is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, claim: Claim, keys: Mapping[str, str] = MappingProxyType({})) -> Frames:
        """What it says about this claim from now on. `keys` are those of the providers that the claim needs."""
        frames: Frames = queue.Queue()
        with self._handing:  # what either end keeps of plans, it keeps in the order in which they are sent
            if self._ended:
                frames.put(None)
                return frames
            self._kept = 0
            self._in_hand[claim.id] = frames
            order = {"order": "run", "claim": claim_to_json(claim, self._known), "shares": claim.shares}
            self._send({**order, "keys": dict(keys)})
        return frames

    def announce(self, shares: str, count: int) -> None:
        """So many claims that could share a call of a model come next."""
        self._send({"order": "expect", "shares": shares, "count": count})

    def let_go(self, claim: Claim) -> None:
        """What it says about this claim is of no interest any more."""
        with self._handing:
            self._in_hand.pop(claim.id, None)

    @property
    def in_company(self) -> bool:
        """Whether it has, or had when it ended, several claims in hand: what it does is then not known to be one's doing."""
        with self._handing:
            return self._ended_in_company if self._ended else len(self._in_hand) > 1

    def cancel(self, claim: Claim) -> None:
        self._send({"order": "cancel", **claim.id.to_json()})

    def begin(self, claim: Claim, step: str) -> None:
        """What the step intends is written down: now it may happen."""
        self._send({"order": "begin", **claim.id.to_json(), "step": step})

    def try_out(self, trial: Trial, keys: Mapping[str, str] = MappingProxyType({})) -> None:
        self._send({"order": "try", "trial": trial.to_json(), "keys": dict(keys)})

    @property
    def hints(self) -> int:
        """Those that it still works on."""
        return self._hinted - self._warmed

    def warm(self, needs: Needs) -> None:
        """Have it load what may be needed soon. Nobody waits for the end, and the next order cuts it short."""
        self._hinted += 1
        self._send({"order": "warm", "needs": needs.to_json()})

    def kill(self) -> None:
        """End it at once, with all that it has split off; a call that hangs in native code knows no other way."""
        self._end(by_us=self.alive)

    def _end(self, by_us: bool) -> None:
        with self._ending:
            if self._process.returncode is not None:
                return
            self._note_end(by_us)
            self._end_below()
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self._process.kill()
            self._process.wait()
            end_offspring(self._mark)
            with _starting:
                _own.discard(self.pid)
                end_adopted(_own)

    def _end_below(self) -> None:
        """What stands below it goes first: without it, nothing would tell any more whose that was."""
        if self.alive:
            os.kill(self.pid, signal.SIGSTOP)  # it splits off nothing more
            end_offspring(self._mark, self.pid)

    def _note_end(self, by_us: bool) -> None:
        with self._handing:
            if not self._ended:
                self._ended, self.ended_by_us = True, by_us
                self._ended_in_company = len(self._in_hand) > 1

    def memory(self) -> int:
        """Bytes that it holds in memory; 0 where the system does not say."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _send(self, frame: dict[str, Json]) -> None:
        try:
            self._orders.send(frame)
        except OSError:
            pass  # it has ended; whoever reads its frames learns so

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while (frame := read_frame(self._process.stdout)) is not None:
                self.models = tuple(frame.get("models", self.models))
                if frame.get("frame") == "warmed":
                    self._warmed += 1
                else:
                    self._pass_on(frame)
        except (BrokenFrame, ValueError) as fault:
            log.error("the child sent no frame (%s); it is ended", fault)
        self._end(by_us=False)  # it may still be about to end by itself
        self._note_end(by_us=False)
        with self._handing:
            for frames in (self.frames, *self._in_hand.values()):
                frames.put(None)

    def _pass_on(self, frame: dict[str, Json]) -> None:
        if "run" not in frame:
            self.frames.put(frame)
            return
        with self._handing:
            frames = self._in_hand.get(ClaimId.from_json(frame))
        if frames is not None:  # else it is late: whoever asked has gone on
            frames.put(frame)

    def _listen(self) -> None:
        """What it prints goes into our log, up to a bound: a disk that is full of it would stop everybody."""
        assert self._process.stderr is not None
        while chunk := os.read(self._process.stderr.fileno(), 65_536):
            self.said += len(chunk)
            room = KEPT - self._kept
            if room > 0:
                self._kept += len(chunk)
                os.write(STDERR, chunk[:room])
                if len(chunk) > room:
                    log.warning("the child prints more than is kept")


def _start(mark: str) -> "subprocess.Popen[bytes]":
    with _starting:
        started = subprocess.Popen(
            [sys.executable, "-m", "runtime.worker.child", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,  # so that it can be ended with what it has split off
            env=environment.for_child() | {MARK: mark},
            bufsize=-1,
        )
        _own.add(started.pid)
    return started
