"""Rights: what the audit log knows of an account's way to them."""

import json
from datetime import datetime

from builder.accounts.begin_session import LENT_BY
from builder.accounts.models import User
from builder.safety.models import AuditEntry

# By these acts somebody else may come to act as this person.
_LENDING = ("person.added", "administrator.made", "person.readmitted", "link.made", "password.set")


def subject_of_person(person: User) -> str:
    """How lines of the audit log name a person."""
    return f"person {person.pk}"


def lent_since(person: User, moment: datetime) -> bool:
    """Whether anybody else has given this account a right, or a way to sign in, since then.

    What somebody does with their own account in a session that was lent to them is not done by them alone.
    """
    named = json.dumps(subject_of_person(person))
    for entry in AuditEntry.objects.filter(body__contains=f'"subject":{named}').iterator():
        said = json.loads(entry.body)
        itself = said["by"] and said["by"]["id"] == str(person.pk) and LENT_BY not in said["data"]
        if said["act"] in _LENDING and not itself and datetime.fromisoformat(said["at"]) >= moment:
            return True
    return False
