"""Pictures as files, for uploads."""

import io

from PIL import Image


def png(width: int = 8, height: int = 6, colour: str = "teal") -> io.BytesIO:
    return picture("PNG", width, height, colour)


def picture(
    form: str, width: int = 8, height: int = 6, colour: str = "teal", **options: object
) -> io.BytesIO:
    """A picture of one colour, as a file with a name."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, form, **options)
    file.seek(0)
    file.name = f"picture.{form.lower()}"
    return file
