"""Preview: a picture that its gate has not seen yet, made too small and too blurred to show what it is.

The only producer of step.preview events.
"""

import base64
import io

from runtime.events import Event, EventKind
from runtime.labelling.profile import Profile
from runtime.safety.policy import Policy

EDGE = 32  # pixels of the longer side
BLUR = 1.5  # radius in pixels of the small picture
MAX_PIXELS = 64_000_000


def preview_event(step: str, image: bytes, policy: Policy) -> Event | None:
    """The event that shows `image` (PNG or JPEG) as far as the policy allows; None when it may not be shown."""
    if not may_preview(policy):
        return None
    small = blurred(image)
    if small is None:
        return None
    url = "data:image/png;base64," + base64.b64encode(small).decode()
    return Event(EventKind.STEP_PREVIEW, {"step": step, "image": url})


def may_preview(policy: Policy) -> bool:
    """So small a picture has no room for words that can be read, and without its label nothing of a model is shown."""
    return policy.previews == "blurred" and policy.labelling.profile is Profile.NONE


def blurred(image: bytes) -> bytes | None:
    """A PNG of at most 32 pixels a side, blurred, without metadata; None for what is no PNG or JPEG."""
    from PIL import Image, ImageFilter  # heavy, and most plans show no picture

    try:
        with Image.open(io.BytesIO(image), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            picture = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # a preview may be lost; the step goes on
    picture.thumbnail((EDGE, EDGE), Image.Resampling.BOX)
    out = io.BytesIO()
    # Pixels copied into a new picture: no comment, profile or thumbnail of the original travels along.
    clean = Image.new("RGB", picture.size)
    clean.paste(picture.filter(ImageFilter.GaussianBlur(BLUR)))
    clean.save(out, "PNG")
    return out.getvalue()
