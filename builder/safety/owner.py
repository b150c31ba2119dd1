"""Owner: whom a policy is for, and whose floors it stands on."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.safety.models import Scope


@dataclass(frozen=True, slots=True)
class Owner:
    """Ids as text: nothing names the installation; a workflow is named with its workspace."""

    workspace: str = ""
    workflow: str = ""

    @property
    def scope(self) -> Scope:
        if self.workflow:
            return Scope.WORKFLOW
        return Scope.WORKSPACE if self.workspace else Scope.INSTALLATION

    @property
    def key(self) -> str:
        """What rows of this owner are found by, beside its scope."""
        return self.workflow or self.workspace

    @property
    def above(self) -> "Owner | None":
        """Whose policy is the next floor; none under the installation."""
        if self.workflow:
            return Owner(self.workspace)
        return INSTALLATION if self.workspace else None

    def layers(self) -> Iterator["Owner"]:
        """From the installation upwards, to this owner itself."""
        if self.above is not None:
            yield from self.above.layers()
        yield self


INSTALLATION = Owner()
