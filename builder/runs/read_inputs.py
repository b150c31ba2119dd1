"""Reads inputs that were typed as `name=value`, as the plan's arguments take them."""

import json
from collections.abc import Mapping
from pathlib import Path

from builder.accounts.models import User, Workspace
from builder.assets.store_upload import store_upload
from builder.common.errors import Refused
from runtime.plan import Argument, Plan
from runtime.ports import ASSET_KINDS, Kind
from runtime.values import Json
from runtime.words import Words

BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def split_inputs(typed: list[str]) -> dict[str, str]:
    """Names and values. Raises Refused for what has no `=`."""
    for item in typed:
        if "=" not in item:
            raise _unreadable(item, Words("Write name=value.", "请写成 name=value。"))
    return dict(item.split("=", 1) for item in typed)


def read_inputs(plan: Plan, typed: Mapping[str, str], workspace: Workspace, user: User) -> dict[str, Json]:
    """The inputs as the API would get them; for a picture or a sound the value is a file's path, which is uploaded."""
    arguments = {argument.name: argument for argument in plan.arguments}
    return {
        name: _read(arguments[name], text, workspace, user) if name in arguments else text
        for name, text in typed.items()
    }


def _read(argument: Argument, text: str, workspace: Workspace, user: User) -> Json:
    kind = argument.type.kind
    try:
        if kind is Kind.NUMBER:
            return float(text) if "." in text or "e" in text.lower() else int(text)
        if kind is Kind.BOOLEAN:
            return BOOLEANS[text.lower()]
        if kind is Kind.JSON:
            return json.loads(text)
        if kind in ASSET_KINDS:
            with Path(text).open("rb") as file:
                return str(store_upload(workspace, user, file).pk)
    except (ValueError, KeyError, OSError) as fault:
        raise _unreadable(argument.name, Words(f"{type(fault).__name__}: {fault}", str(fault))) from None
    return text


def _unreadable(name: str, why: Words) -> Refused:
    return Refused(
        "input_unreadable",
        Words("The input {name} cannot be read.", "无法读取输入 {name}。").fill(name=name),
        why,
    )
