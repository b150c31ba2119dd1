"""The page of word lists: an upload becomes a filter, and what is wrong with it is said in a sentence."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from builder.accounts.administrators import ensure_administrator
from builder.safety import word_lists
from builder.safety.models import AuditEntry
from runtime.safety import own_lists
from runtime.safety.filters import load_filters

pytestmark = pytest.mark.database


@pytest.fixture
def page(db: None, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.HOME = tmp_path
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    client = Client()
    client.force_login(ensure_administrator())
    return client


def post(page: Client, **data: object) -> str:
    return page.post(reverse("admin:word_lists"), data, follow=True).content.decode()


def test_an_upload_becomes_a_filter_and_can_go_again(page: Client) -> None:
    shown = post(page, name="plans", file=SimpleUploadedFile("w.txt", "Project Falcon\n猎鹰计划\n".encode()))
    (name,) = [name for name in load_filters() if name.startswith("list.plans.")]
    assert name in shown and "with 2 entries" in shown
    assert AuditEntry.objects.filter(body__contains=name).exists()
    assert "The list was removed." in post(page, remove=name)
    assert name not in load_filters()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe", "Line 1 is not UTF-8 text."),
        (b"", "Choose a file first."),
        (b"# none\n", "The list has no entries."),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(page: Client, content: bytes, says: str) -> None:
    data = {"file": SimpleUploadedFile("w.txt", content)} if content else {}
    assert says in post(page, name="plans", **data)


def test_a_million_lines_are_refused(page: Client) -> None:
    million = b"".join(b"%x\n" % number for number in range(16, 1_000_016))
    shown = post(page, name="huge", file=SimpleUploadedFile("w.txt", million))
    assert "The list has more than 100000 entries." in shown
    assert not [name for name in load_filters() if name.startswith("list.")]


def test_one_long_line_is_read_no_further_than_the_limit(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in a file, because it is large, gives its line whole when it is asked for lines."""
    ends: list[int] = []

    def watched(name: str, source: Any, folder: Path) -> own_lists.OwnList:
        try:
            return own_lists.add_list(name, source, folder)
        finally:
            ends.append(source.tell())

    monkeypatch.setattr(word_lists, "add_list", watched)
    line = SimpleUploadedFile("w.txt", b"a" * (2 * own_lists.MAX_BYTES))
    assert "The list is larger than 4 MB." in post(page, name="huge", file=line)
    assert own_lists.MAX_BYTES < ends[0] <= own_lists.MAX_BYTES + own_lists.PIECE


def test_others_do_not_get_in(db: None) -> None:
    assert Client().get(reverse("admin:word_lists")).status_code == 302
