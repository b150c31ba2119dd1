"""Node types that decide which way a run goes, how often, and when."""

from runtime.packs.control.control_approve import control_approve
from runtime.packs.control.control_ask import control_ask
from runtime.packs.control.control_if import control_if
from runtime.packs.control.control_loop import control_loop
from runtime.packs.control.control_map import control_map
from runtime.packs.control.control_switch import control_switch
from runtime.packs.control.control_wait import control_wait
from runtime.packs.control.control_workflow import control_workflow

NODE_TYPES = (
    control_if,
    control_switch,
    control_wait,
    control_approve,
    control_ask,
    control_workflow,
    control_loop,
    control_map,
)
