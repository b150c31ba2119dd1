"""retry: whether a step that failed is tried again, and when."""

from runtime.dispatch.store import Pause, WaitsFor
from runtime.errors import OperationalError
from runtime.nodes.spec import Effects, NodeSpec
from runtime.plan import Step


def pause_before_retry(step: Step, spec: NodeSpec | None, fault: Exception, failed: int) -> Pause | None:
    """How long to wait before the next try, after `failed` earlier failures; None when this one is the last.

    Only a fault of the installation that says that another try may do better is worth one. What must not happen twice
    is not begun again, whatever the plan says.
    """
    if step.retry is None or failed >= step.retry.times:
        return None
    if not (isinstance(fault, OperationalError) and fault.retryable):
        return None
    if spec is None or spec.effects is Effects.UNSAFE:
        return None
    return Pause(WaitsFor.RETRY, step.retry.after(failed + 1), failed + 1, step.retry.times)
