"""Words: a text for people in every language of the product."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Words:
    """One text in English and in Simplified Chinese; whoever shows it picks the language."""

    en: str
    zh: str

    def to_json(self) -> dict[str, str]:
        return {"en": self.en, "zh": self.zh}

    @classmethod
    def from_json(cls, data: dict[str, str]) -> Self:
        return cls(en=data["en"], zh=data["zh"])

    def within(self, most: int) -> "Words":
        """The same text; of what is longer in a language the first `most` characters."""
        return Words(self.en[:most], self.zh[:most])

    def fill(self, **values: object) -> "Words":
        """The same text with each `{name}` replaced; a value of type Words contributes its own language."""
        english, chinese = self.en, self.zh
        for name, value in values.items():
            in_english, in_chinese = (
                (value.en, value.zh) if isinstance(value, Words) else (str(value), str(value))
            )
            english = english.replace("{" + name + "}", in_english)
            chinese = chinese.replace("{" + name + "}", in_chinese)
        return Words(english, chinese)
