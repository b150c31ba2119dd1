"""ending: how the name of a stored file ends when somebody saves it."""

from runtime.document.recognise import Form
from runtime.sound.recorded import MP3

_USUAL = {Form.WORD.value: "docx", Form.TEXT.value: "txt", MP3: "mp3"}


def ending(media_type: str) -> str:
    return _USUAL.get(media_type) or media_type.rpartition("/")[2]
