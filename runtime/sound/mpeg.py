"""MP3: its frames, without the tags around them (ISO 11172-3, 13818-3); nothing is decoded."""

from collections.abc import Iterator

from runtime.sound.wav import NotASound

# By MPEG's version as two bits (0: 2.5, 2: 2, 3: 1): samples a second, and kilobits a second of layer III.
_RATES = {0: (11_025, 12_000, 8_000), 2: (22_050, 24_000, 16_000), 3: (44_100, 48_000, 32_000)}
_FAST = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_SLOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_TAGS = (b"TAG", b"APETAGEX", b"ID3", b"LYRICSBEGIN")
# Ten minutes are 23,000 frames.
MOST_FRAMES = 60_000


def begins_like_mp3(content: bytes) -> bool:
    """Whether two frames follow each other at the beginning, behind a tag."""
    start = _behind_tags(content)
    first = _frame(content, start)
    if first is None:
        return False
    following = _frame(content, start + first[0])
    return following is not None and following[1] == first[1]


def read_mp3(content: bytes) -> tuple[bytes, float]:
    """The frames alone, and their seconds. Raises NotASound."""
    frames = list(_frames(content))
    if not frames:
        raise NotASound("it holds no samples")
    return b"".join(content[start : start + size] for start, size, _ in frames), sum(row[2] for row in frames)


def _frames(content: bytes) -> Iterator[tuple[int, int, float]]:
    """Start, bytes and seconds of each."""
    position, rate, count = _behind_tags(content), None, 0
    while position < len(content):
        found = _frame(content, position)
        if found is None or (rate is not None and found[1] != rate):
            # A recorder may stop in the middle of a frame, or write what fills a page.
            if content.startswith(_TAGS, position) or not content[position:].strip(b"\0"):
                return
            raise NotASound("a frame is damaged")
        size, rate, seconds = found
        if position + size > len(content):
            return
        count += 1
        if count > MOST_FRAMES:
            raise NotASound("it has too many frames")
        yield position, size, seconds
        position += size


def _behind_tags(content: bytes) -> int:
    position = 0
    while content[position : position + 3] == b"ID3" and len(content) >= position + 10:
        sizes = content[position + 6 : position + 10]
        if max(sizes) > 127:
            raise NotASound("its tag has no size")
        footer = 10 if content[position + 5] & 0x10 else 0
        position += 10 + footer + (sizes[0] << 21 | sizes[1] << 14 | sizes[2] << 7 | sizes[3])
    return position


def _frame(content: bytes, position: int) -> tuple[int, int, float] | None:
    """Bytes, samples a second, and seconds of the frame at this place; None when none begins there."""
    head = content[position : position + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # in step, layer III
        return None
    version, speed, pace = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or not 0 < speed < 15 or pace == 3:
        return None
    rate = _RATES[version][pace]
    samples, speeds = (1152, _FAST) if version == 3 else (576, _SLOW)
    size = samples // 8 * speeds[speed] * 1000 // rate + (head[2] >> 1 & 1)
    return size, rate, samples / rate
