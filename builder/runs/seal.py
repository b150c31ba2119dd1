"""seal: the last look at stored bytes before a person gets them, and the credential that is put into them.

It runs where the row is written, in the agent's process: a child never sees the key, and nothing is signed that has not
passed `deliver()`.
"""

import logging
from dataclasses import replace

from builder.assets.store import open_store
from builder.common.credentials import open_identity
from runtime.errors import OperationalError
from runtime.labelling.credential import Standing, read_credential, sign
from runtime.labelling.files import Unreadable, read
from runtime.labelling.marks import NotALabel, carries
from runtime.labelling.profile import Labelling, Profile
from runtime.labels import Source
from runtime.ports import ASSET_KINDS
from runtime.safety.deliver import NotCleared
from runtime.values import AssetRef, Value

log = logging.getLogger(__name__)


def sealed(value: Value, labelling: Labelling) -> Value:
    """The value as it goes to a person. Call it inside `deliver()`: the bytes that were cleared are read, and signed.

    Only stored bytes that a model had a part in are changed, and only by a credential. Raises NotCleared when their
    label is not in them, or when they cannot be signed.
    """
    by_model = not value.sources or Source.MODEL in value.sources
    if labelling.profile is Profile.NONE or value.type.kind not in ASSET_KINDS or not by_model:
        return value
    try:
        if isinstance(value.data, list):
            return replace(value, data=[_seal(item, labelling) for item in value.data])
        assert isinstance(value.data, AssetRef)
        return replace(value, data=_seal(value.data, labelling))
    except (Unreadable, NotALabel, OperationalError, OSError, ValueError) as fault:
        log.exception("a result could not be sealed")
        raise NotCleared("what a model made could not be checked for its label, or signed") from fault


def _seal(ref: AssetRef, labelling: Labelling) -> AssetRef:
    store = open_store()
    content = store.read(ref)
    marks = read(content)
    if not carries(marks, labelling):
        raise NotCleared(f"a model made {ref.sha256}, and its label is not in it")
    if labelling.profile is not Profile.EU or _is_signed(content):
        return ref
    signed = sign(content, open_identity(), str(marks.digital_source))
    return store.write(signed, ref.media_type, ref.width, ref.height)


def _is_signed(content: bytes) -> bool:
    """Whether we have signed these bytes already, as the output of an earlier run."""
    credential = read_credential(content, open_identity().chain)
    return credential is not None and credential.standing is Standing.OURS
