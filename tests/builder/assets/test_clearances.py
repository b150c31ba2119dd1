"""Clearances of an asset: believed of these bytes, in this workspace, under this policy and by these filters alone."""

import pytest

from builder.accounts.models import Workspace
from builder.assets import clearances as module
from builder.assets.clearances import clearances_of, keep_clearances
from builder.assets.models import Asset, Origin
from runtime.labels import Clearance

SHA, POLICY, OTHER = "a" * 64, "1" * 64, "2" * 64
pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(name="one")


@pytest.fixture
def asset(workspace: Workspace) -> Asset:
    return Asset.objects.create(
        workspace=workspace, sha256=SHA, media_type="image/png", size=1, origin=Origin.OUTPUT
    )


def clearance(rule: str = "person-image", policy: str = POLICY, digest: str = SHA) -> Clearance:
    return Clearance(digest, rule, policy)


def test_what_was_kept_is_found_again(asset: Asset, workspace: Workspace) -> None:
    keep_clearances(asset, [clearance(), clearance("label-image")])
    assert clearances_of(workspace, SHA, POLICY) == {clearance(), clearance("label-image")}


def test_nothing_is_found_of_another_policy_other_bytes_or_another_workspace(
    asset: Asset, workspace: Workspace
) -> None:
    keep_clearances(asset, [clearance()])
    stranger = Workspace.objects.create(name="two")
    assert not clearances_of(workspace, SHA, OTHER)
    assert not clearances_of(workspace, "b" * 64, POLICY)
    assert not clearances_of(stranger, SHA, POLICY)


def test_a_clearance_of_other_bytes_is_not_kept(asset: Asset, workspace: Workspace) -> None:
    """A credential was put into the bytes after their gate: nobody has looked at these."""
    keep_clearances(asset, [clearance(digest="b" * 64)])
    assert not clearances_of(workspace, SHA, POLICY)
    assert not clearances_of(workspace, "b" * 64, POLICY)


def test_after_a_change_of_the_filters_everything_is_looked_at_anew(
    asset: Asset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_clearances(asset, [clearance()])
    monkeypatch.setattr(module, "filters_digest", lambda: "newer")
    assert not clearances_of(workspace, SHA, POLICY)
    keep_clearances(asset, [clearance()])
    assert clearances_of(workspace, SHA, POLICY) == {clearance()}


def test_clearances_of_one_policy_add_up_and_a_new_policy_begins_anew(
    asset: Asset, workspace: Workspace
) -> None:
    keep_clearances(asset, [clearance("one")])
    keep_clearances(asset, [clearance("two")])
    assert clearances_of(workspace, SHA, POLICY) == {clearance("one"), clearance("two")}
    keep_clearances(asset, [clearance("one", OTHER)])
    assert not clearances_of(workspace, SHA, POLICY)
    assert len(asset.clearances) == 1


def test_the_digest_of_the_filters_changes_with_their_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    before = module.filters_digest()
    assert before == module.filters_digest()
    monkeypatch.setenv("SLUICEWAY_FILTER_PACKS", "tests.packs_stub")
    assert module.filters_digest() != before
