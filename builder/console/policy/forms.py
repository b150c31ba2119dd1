"""Forms of the policy editor: a rule, the filters of its chain, what stands beside the rules, and reasons."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from builder.console.read_only import in_words
from builder.console.vocabulary import ACTIONS, MEDIA, SINKS, SOURCES
from runtime.labelling.profile import Labelling, Profile
from runtime.labels import Sink, Source
from runtime.ports import Kind
from runtime.safety.check_policy import ID
from runtime.safety.combine import LABELLING, PREVIEWS
from runtime.safety.filters import load_filters
from runtime.safety.policy import Action, FilterUse, Policy, Rule
from runtime.words import Words

# Kinds that bytes of a person or a model can have; a model's name and "anything" pass no gate.
KINDS = [kind for kind in Kind if kind not in (Kind.MODEL, Kind.ANY)]


def _line(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=capfirst(label), max_length=200, widget=UnfoldAdminTextInputWidget(), **more)


class RuleForm(forms.Form):
    """A rule without its chain."""

    id = _line(gettext_lazy("name"), help_text=gettext_lazy("small letters, digits and hyphens"))
    title_en = _line(gettext_lazy("title, English"))
    title_zh = _line(gettext_lazy("title, Chinese"))
    reason_en = _line(gettext_lazy("reason, English"), required=False)
    reason_zh = _line(gettext_lazy("reason, Chinese"), required=False)
    sink = forms.ChoiceField(
        label=capfirst(gettext_lazy("goes to")), choices=list(SINKS.items()), widget=UnfoldAdminSelectWidget()
    )
    kinds = forms.MultipleChoiceField(
        label=capfirst(gettext_lazy("media")),
        choices=[(kind.value, MEDIA[kind]) for kind in KINDS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    sources = forms.MultipleChoiceField(
        label=capfirst(gettext_lazy("comes from")),
        choices=list(SOURCES.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )

    def parts(self) -> list[dict[str, Any]]:
        """Its fields as the page folds them below the filters. What has to be filled in or mended stands open."""
        parts: list[tuple[Any, tuple[str, ...]]] = [
            (_("What it is about"), ("sink", "kinds", "sources")),
            (_("Name and reason"), ("id", "title_en", "title_zh", "reason_en", "reason_zh")),
        ]
        return [
            {
                "title": title,
                "fields": [self[name] for name in names],
                "open": not self.initial or any(self[name].errors for name in names),
            }
            for title, names in parts
        ]

    @classmethod
    def initial_of(cls, rule: Rule) -> dict[str, Any]:
        return {
            "id": rule.id,
            "title_en": rule.title.en,
            "title_zh": rule.title.zh,
            "reason_en": rule.reason.en,
            "reason_zh": rule.reason.zh,
            "sink": rule.sink.value,
            "kinds": [kind.value for kind in rule.media],
            "sources": [source.value for source in rule.sources],
        }

    def clean_id(self) -> str:
        name = str(self.cleaned_data["id"])
        if not ID.fullmatch(name) or name in (PREVIEWS, LABELLING):
            raise ValidationError(_("A rule's name is made of small letters, digits and hyphens."))
        return name

    def rule(self, chain: tuple[FilterUse, ...]) -> Rule:
        data = self.cleaned_data
        return Rule(
            data["id"],
            Words(data["title_en"], data["title_zh"]),
            Words(data["reason_en"], data["reason_zh"]),
            Sink(data["sink"]),
            tuple(Kind(name) for name in data["kinds"]),
            tuple(Source(name) for name in data["sources"]),
            chain,
        )


class UseForm(forms.Form):
    """One filter of a chain; without a filter it is no part of it."""

    filter = forms.ChoiceField(
        label=capfirst(gettext_lazy("filter")), required=False, widget=UnfoldAdminSelectWidget()
    )
    action = forms.ChoiceField(
        label=capfirst(gettext_lazy("action")),
        choices=list(ACTIONS.items()),
        initial="block",
        widget=UnfoldAdminSelectWidget(),
    )
    threshold = forms.FloatField(
        label=capfirst(gettext_lazy("from a score of")),
        min_value=0.0,
        max_value=1.0,
        initial=0.5,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "0.01", "min": "0", "max": "1"}),
    )
    categories = forms.MultipleChoiceField(
        label=capfirst(gettext_lazy("categories")),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(attrs={"size": "4"}),
        help_text=gettext_lazy("none chosen: all that the filter knows"),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        filters = load_filters()
        titles = [(name, in_words(item.spec.title.to_json())) for name, item in filters.items()]
        gone = str(self.initial.get("filter", ""))
        self.fields["filter"].choices = [  # type: ignore[attr-defined]  # a ChoiceField, as declared above
            ("", "–"),
            *titles,
            *([(gone, gone)] if gone and gone not in filters else []),
        ]
        known = {c.id: in_words(c.title.to_json()) for item in filters.values() for c in item.spec.categories}
        chosen = {name: name for name in self.initial.get("categories", ()) if name not in known}
        self.fields["categories"].choices = list((known | chosen).items())  # type: ignore[attr-defined]  # as above

    @classmethod
    def initial_of(cls, use: FilterUse) -> dict[str, Any]:
        return {
            "filter": use.filter,
            "action": use.action.value,
            "threshold": use.threshold,
            "categories": list(use.categories),
        }


UseForms = formset_factory(UseForm, extra=2)


def chain_of(uses: "BaseFormSet[UseForm]") -> tuple[FilterUse, ...]:
    """The filters that were chosen, in the order of the form."""
    return tuple(
        FilterUse(
            data["filter"], Action(data["action"]), data["threshold"], tuple(sorted(data["categories"]))
        )
        for data in (form.cleaned_data for form in uses.forms)
        if data.get("filter")
    )


class SettingsForm(forms.Form):
    """What a policy says beside its rules."""

    previews = forms.ChoiceField(
        label=capfirst(gettext_lazy("pictures before their gate")),
        choices=[("none", gettext_lazy("not shown")), ("blurred", gettext_lazy("blurred and tiny"))],
        widget=UnfoldAdminSelectWidget(),
    )
    profile = forms.ChoiceField(
        label=capfirst(gettext_lazy("labels")),
        choices=[
            (Profile.NONE.value, gettext_lazy("none")),
            (Profile.CN.value, "GB 45438-2025"),
            (Profile.EU.value, "EU AI Act"),
        ],
        widget=UnfoldAdminSelectWidget(),
    )
    language = forms.ChoiceField(
        label=capfirst(gettext_lazy("language of the labels")),
        choices=[("en", gettext_lazy("English")), ("zh", gettext_lazy("Chinese"))],
        widget=UnfoldAdminSelectWidget(),
    )
    producer = _line(gettext_lazy("who offers the service"), required=False)

    @classmethod
    def initial_of(cls, policy: Policy) -> dict[str, Any]:
        return {"previews": policy.previews, **policy.labelling.to_json()}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        wanted = {name: data.get(name) for name in ("profile", "language", "producer")}
        try:
            data["labelling"] = Labelling.from_json(wanted)
        except (ValueError, KeyError) as fault:
            raise ValidationError(
                _("Labels after GB 45438-2025 are Chinese and name who offers the service.")
            ) from fault
        return data


class ReasonForm(forms.Form):
    """Why: kept with the version and in the audit log."""

    reason = forms.CharField(
        label=capfirst(gettext_lazy("reason")),
        max_length=2_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
