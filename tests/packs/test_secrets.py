"""Secrets: keys and passwords are found whole, and what only looks like one passes."""

import pytest

from runtime.packs.safety.secrets import SECRETS
from tests.packs.test_text_filters import Services, found, services, without

__all__ = ["services"]


# Joined from parts, so that no scanner takes these examples for leaked keys.
KEYS = {
    "AKIA" + "IOSFODNN7EXAMPLE": "api_key",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8": "api_key",
    "sk-" + "proj-a1B2c3D4e5F6g7H8i9J0k1L2": "api_key",
    "hf_" + "abcdefGHIJKLmnopQRSTuvwxYZ012345": "api_key",
    "xoxb-" + "123456789012-abcdefGHIJKL": "api_key",
    "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----": "private_key",
}


class TestSecrets:
    @pytest.mark.parametrize(("text", "category"), KEYS.items())
    def test_known_forms_are_found_whole(self, text: str, category: str, services: Services) -> None:
        (match,) = found(SECRETS, f"my key is: {text}, keep it", services)
        assert (match.category, match.start, match.end) == (category, 11, 11 + len(text))

    @pytest.mark.parametrize("around", ["-{}", "_{}_", "aws_{}", "Bearer-{}", "--{}", "{}_", "*{}*", "{}."])
    @pytest.mark.parametrize("key", [key for key in KEYS if "\n" not in key])
    def test_a_sign_beside_a_key_makes_it_no_part_of_a_longer_word(
        self, around: str, key: str, services: Services
    ) -> None:
        text = around.format(key)
        matches = [m for m in found(SECRETS, text, services) if m.category == "api_key"]
        assert matches and key in text[matches[0].start : matches[0].end]

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("password = hQ7!kd92Lm", "hQ7!kd92Lm"),
            ('api_key: "f3a9c1d47be2508891aa"', "f3a9c1d47be2508891aa"),
            ("DB_PASSWORD=tr0ub4dor&3", "tr0ub4dor&3"),
            ("密码：Xk29!fvQ", "Xk29!fvQ"),
            ("postgres://app:s3cr3tpw@db/x", "s3cr3tpw"),
        ],
    )
    def test_an_assigned_password_is_found(self, text: str, part: str, services: Services) -> None:
        assert [text[m.start : m.end] for m in found(SECRETS, text, services)] == [part]

    @pytest.mark.parametrize(
        "text",
        [
            "Password: required",
            "The password is forgotten again",
            "Choose a token budget of 4096 tokens",
            "The secret of good soup is patience.",
            "请输入密码：至少八位",
            "sk-learn is a library; see https://example.com/a/b",
            "Helsinki/opus-mt-sk-learned-from-many-books and task_sk-some-thing-with-words",
            "the commit 3f786850e387550fdab836ed7e6dc881de23001b",
        ],
    )
    def test_talk_about_secrets_passes(self, text: str, services: Services) -> None:
        assert found(SECRETS, text, services) == []

    @pytest.mark.parametrize("between", [*"-/|、(.:_*;,", " ", " / ", "\n"])
    @pytest.mark.parametrize("second", ["password: ", "api_key= ", "密码： ", "user password:"])
    def test_the_name_of_the_next_value_may_end_a_value(
        self, between: str, second: str, services: Services
    ) -> None:
        first, last = "hT7!kPq29xWz", "qW9!zzPq31aB"
        text = f"password: {first}{between}{second}{last} is it"
        shown = without(text, found(SECRETS, text, services))
        assert first not in shown and last not in shown
