"""Node types that decide which way a run goes."""

from runtime.packs.control.control_if import control_if
from runtime.packs.control.control_switch import control_switch

NODE_TYPES = (control_if, control_switch)
