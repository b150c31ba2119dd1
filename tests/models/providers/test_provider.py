"""What a provider may be: its address, its names, and its file."""

from dataclasses import replace
from pathlib import Path

import pytest

from runtime.errors import UserError
from runtime.providers import (
    Access,
    Provider,
    check_provider,
    forget_provider,
    keep_provider,
    providers,
    split_ref,
)

GOOD = Provider("openai", "https://api.example.com/v1", ("small", "org/large:8b"))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/v1",
        "https://api.example.com:8443/v1/",
        "https://here.example.com/openai/deployments/mine?api-version=2024-10-21",
        "https://[2001:db8::1]/v1",
        "http://127.0.0.1:8000/v1",
        "http://localhost:8080",
        "http://[::1]:8080/v1",
    ],
)
def test_an_address_is_https_or_this_machine(url: str) -> None:
    check_provider(replace(GOOD, base_url=url))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com/v1",
        "ftp://api.example.com",
        "file:///etc/passwd",
        "http://api.example.com/v1",
        "http://10.0.0.7/v1",
        "http://0x7f.1/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com/v1",
        "https://user:secret@api.example.com/v1",
        "https://127.0.0.1@evil.example.com/v1",
        "https://api.example.com/v1#part",
        "https://api.example.com/../v1",
        "https://api.example.com/v1\r\nX-Other: 1",
        "https://api.example.com/v 1",
        "https://api.example.com:0/v1",
        "https://api.example.com:99999/v1",
        "https://例子.example.com/v1",
        "https:///v1",
        "https://api.example.com/v1?key=sk-1",
        "https://api.example.com/v1?api-version=1&access_token=sk-1",
        "https://api.example.com/" + "v" * 600,
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(UserError, match="provider_url"):
        check_provider(replace(GOOD, base_url=url))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Open AI"}, "provider_name"),
        ({"name": "a:b"}, "provider_name"),
        ({"name": "../up"}, "provider_name"),
        ({"models": ()}, "provider_models"),
        ({"models": ("with blank",)}, "provider_models"),
        ({"models": ("x" * 101,)}, "provider_models"),
        ({"header": "cookie"}, "provider_header"),
        ({"limit": "n"}, "provider_limit"),
        ({"networks": ("everything",)}, "provider_network"),
        ({"networks": ("10.0.0.1/8",)}, "provider_network"),
    ],
)
def test_what_else_it_says_is_checked(change: dict[str, object], code: str) -> None:
    with pytest.raises(UserError, match=code):
        check_provider(replace(GOOD, **change))


def test_it_is_kept_once_under_its_name_and_read_as_it_was(tmp_path: Path) -> None:
    keep_provider(GOOD, tmp_path)
    changed = replace(GOOD, models=("other",), networks=("10.0.0.0/8",))
    keep_provider(changed, tmp_path)
    keep_provider(replace(GOOD, name="openai-2"), tmp_path)
    assert providers(tmp_path) == [replace(GOOD, name="openai-2"), changed]
    forget_provider("openai", tmp_path)
    assert [item.name for item in providers(tmp_path)] == ["openai-2"]


def test_a_file_that_was_changed_by_hand_is_no_provider(tmp_path: Path) -> None:
    keep_provider(GOOD, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text().replace("api.example.com", "evil.example.com"))
    assert providers(tmp_path) == []
    for content in ("", "[]", "{}", '{"format": 1}', '{"format": 2, "name": "a"}'):
        file.write_text(content)
        assert providers(tmp_path) == []


def test_its_key_belongs_to_its_address_and_a_judge_to_its_model() -> None:
    elsewhere = replace(GOOD, base_url="https://other.example.com/v1")
    more = replace(GOOD, models=(*GOOD.models, "third"), workflows=True)
    assert elsewhere.secret != GOOD.secret == more.secret
    assert replace(GOOD, networks=("10.0.0.0/8",)).secret != GOOD.secret
    assert GOOD.identity_of("small") == more.identity_of("small") != GOOD.identity_of("org/large:8b")
    assert elsewhere.identity_of("small") != GOOD.identity_of("small")


def test_a_reference_names_provider_and_model_and_one_of_the_catalogue_none() -> None:
    assert split_ref("openai:org/large:8b") == ("openai", "org/large:8b")
    assert split_ref("smollm2") is None


def test_an_access_does_not_show_its_key() -> None:
    access = Access(GOOD, "CANARY")
    assert "CANARY" not in repr(access) and "CANARY" not in f"{access}" and "CANARY" not in repr([access])
