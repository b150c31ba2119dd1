"""Names: what filters, categories and rules are called, for people who have not seen their ids."""

from builder.console.read_only import in_words
from builder.runs.models import Finding
from runtime.safety.filters import load_filters
from runtime.safety.policy import Policy


def filter_title(filter_id: str) -> str:
    """The id itself where the filter's pack is gone."""
    known = load_filters().get(filter_id)
    return in_words(known.spec.title.to_json()) if known else filter_id


def category_title(filter_id: str, category: str) -> str:
    known = load_filters().get(filter_id)
    return in_words(known.spec.category_title(category).to_json()) if known else category


def rule_title(finding: Finding) -> str:
    """As the policy that the run was compiled under calls it."""
    return title_in(finding.run.policy.as_written, finding.rule)


def title_in(policy: Policy, rule_id: str) -> str:
    """The id itself where the policy has no such rule."""
    titles = (rule.title for rule in policy.every_rule if rule.id == rule_id)
    return next((in_words(title.to_json()) for title in titles), rule_id)
