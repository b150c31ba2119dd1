"""The preview of a policy: what it would do to every published workflow, told before anybody is affected."""

from dataclasses import replace

import pytest

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.safety.change_policy import change_policy
from builder.safety.models import PolicyVersion
from builder.safety.owner import INSTALLATION, Owner
from builder.workflows import preview_policy as module
from builder.workflows.compile_draft import compile_draft
from builder.workflows.create_workflow import create_workflow
from builder.workflows.delete_workflow import delete_workflow
from builder.workflows.models import Workflow
from builder.workflows.preview_policy import Effect, preview_policy
from builder.workflows.publish_workflow import publish_workflow
from builder.workflows.read_graph import read_graph
from builder.workflows.save_draft import save_draft
from runtime.graph.parse import parse_graph
from runtime.labelling.profile import UNLABELLED, Labelling, Profile
from runtime.labels import Sink
from runtime.safety.policy import Action, FilterUse, Policy
from tests.builder.workflows.test_library_of import calling
from tests.fixtures.runs import chain, drawing, stub_packs, stub_policy

__all__ = ["stub_packs"]

FLOOR = replace(
    stub_policy(),
    rules=tuple(replace(r, chain=()) if r.sink is Sink.MODEL else r for r in stub_policy().rules),
)


ASKS = drawing(
    ("in", "input", {"name": "text"}), ("a", "ask", {}), ("out", "output", {"name": "answer"}),
    edges="in.text>a.prompt a.text>out.text",
)  # fmt: skip


@pytest.fixture
def ada(db: None, stub_packs: None) -> User:
    PolicyVersion(version=1, data=FLOOR.to_json(), digest=FLOOR.digest).save()
    return User.objects.create(username="ada", is_superuser=True)


@pytest.fixture
def home(ada: User) -> Workspace:
    return create_workspace("Home", ada)


def published(ada: User, home: Workspace, name: str, graph: object = None) -> Workflow:
    workflow = create_workflow(home, ada, name, graph or chain(("a", "echo", {})))
    publish_workflow(workflow, ada)
    return workflow


def effects(policy: Policy, owner: Owner = INSTALLATION) -> dict[str, Effect]:
    return {effect.name: effect for effect in preview_policy(owner, policy).effects}


def test_what_is_in_force_changes_nothing(ada: User, home: Workspace) -> None:
    published(ada, home, "Mine")
    assert effects(FLOOR)["Mine"].stays


def test_a_policy_tells_which_workflows_gain_change_and_lose_a_gate(ada: User, home: Workspace) -> None:
    published(ada, home, "Tells", chain(("a", "echo", {})))
    published(ada, home, "Asks", ASKS)
    stricter = stub_policy(FilterUse("stub.words", Action.BLOCK, 0.1))
    found = effects(stricter)
    assert [(e.gains, e.loses, e.changes) for e in (found["Tells"], found["Asks"])] == [(0, 0, 1), (1, 0, 1)]
    bare = replace(FLOOR, rules=tuple(replace(r, chain=()) for r in FLOOR.rules))
    assert effects(bare)["Tells"].loses == 1


def test_a_workflow_that_would_stop_compiling_is_told_with_its_issue(ada: User, home: Workspace) -> None:
    published(ada, home, "Mine")
    preview = preview_policy(INSTALLATION, replace(FLOOR, rules=()))
    (effect,) = preview.effects
    assert [issue.code for issue in effect.stops] == ["policy_gap"]
    assert preview.count(lambda item: item.stops) == 1


def test_what_does_not_compile_now_is_told_apart(ada: User, home: Workspace) -> None:
    workflow = published(ada, home, "Mine")
    broken = drawing(("a", "gone", {}))
    type(workflow).objects.get(pk=workflow.pk).versions.all().delete()
    workflow.versions.create(number=1, graph=broken, plan_digest="", policy_version=1)
    found = effects(FLOOR)["Mine"]
    assert found.broken and not found.mends


def test_what_would_compile_again_is_told(ada: User, home: Workspace) -> None:
    mine = published(ada, home, "Mine")
    empty = replace(FLOOR, version=2, rules=())
    PolicyVersion(version=2, data=empty.to_json(), digest=empty.digest).save()
    found = effects(FLOOR)["Mine"]
    assert found.broken and found.mends and found.workflow == mine.pk


def test_a_filter_whose_model_is_missing_is_told(
    ada: User, home: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    filters = module.load_filters()
    needy = replace(filters["stub.weak"], spec=replace(filters["stub.weak"].spec, model="no-such-model"))
    monkeypatch.setattr(module, "load_filters", lambda: filters | {"stub.weak": needy})
    published(ada, home, "Mine")
    (needed,) = effects(stub_policy(FilterUse("stub.weak", Action.BLOCK)))["Mine"].needs
    assert "no-such-model" in needed.message.en
    assert "models install no-such-model" in needed.hint.en


def test_only_what_stands_on_the_policy_is_looked_at_and_its_own_layers_stay(
    ada: User, home: Workspace
) -> None:
    other = create_workspace("Other", ada)
    mine, foreign = published(ada, home, "Mine"), published(ada, other, "Foreign")
    stricter = stub_policy(
        FilterUse("stub.words", Action.BLOCK, 0.1), FilterUse("stub.secrets", Action.BLOCK)
    )
    owner = Owner(str(home.pk))
    assert set(effects(stricter, owner)) == {"Mine"}
    change_policy(Owner(str(home.pk), str(mine.pk)), stricter, ada, "It is shown to children")
    assert effects(stricter, owner)["Mine"].stays
    assert effects(stricter)["Foreign"].changes == 1
    foreign.delete()


CN = Labelling(Profile.CN, "zh", "Example")
PAINTS = drawing(
    ("in", "input", {"name": "text"}),
    ("paint", "picture", {"colour": "lime"}),
    ("out", "show_image", {"name": "picture"}),
    edges="in.text>paint.text paint.image>out.image",
)


def test_labels_that_come_go_or_become_others_are_told(ada: User, home: Workspace) -> None:
    published(ada, home, "Tells", chain(("a", "echo", {})))
    published(ada, home, "Paints", PAINTS)
    published(ada, home, "Own", chain(("u", "upper", {})))
    labelling = replace(FLOOR, labelling=CN)
    told = effects(labelling)
    assert [(told[name].labels, told[name].changes, told[name].stays) for name in ("Tells", "Own")] == [
        (1, 0, False),
        (0, 0, True),
    ]
    assert told["Paints"].labels == 1
    assert preview_policy(INSTALLATION, labelling).count(lambda item: item.labels) == 2
    put = replace(labelling, version=2)
    PolicyVersion(version=2, data=put.to_json(), digest=put.digest).save()
    assert all(effect.stays for effect in effects(labelling).values())
    for other in (replace(CN, producer="Another"), Labelling(Profile.EU, "en", "Example"), UNLABELLED):
        told = effects(replace(FLOOR, labelling=other))
        assert {name: effect.labels for name, effect in told.items()} == {"Tells": 1, "Paints": 1, "Own": 0}


def test_results_that_could_not_carry_the_label_are_told(ada: User, home: Workspace) -> None:
    """A gate lets none of them pass (tests/engine/test_marking.py)."""
    facts = ("in", "input", {"name": "text"}), ("find", "facts", {}), ("out", "show_data", {"name": "facts"})
    published(ada, home, "Finds", drawing(*facts, edges="in.text>find.text find.data>out.data"))
    texts = *facts[:1], ("find", "echo", {}), *facts[2:]
    published(ada, home, "Tells", drawing(*texts, edges="in.text>find.text find.text>out.data"))
    labelling = replace(FLOOR, labelling=CN)
    told = effects(labelling)
    (issue,) = told["Finds"].withholds
    assert (issue.code, issue.node, issue.port, issue.severity) == (
        "label_impossible",
        "out",
        "data",
        "warning",
    )
    assert "structured data" in issue.message.en and "结构化数据" in issue.message.zh
    assert told["Tells"].withholds == ()
    assert preview_policy(INSTALLATION, labelling).count(lambda item: item.withholds) == 1

    put = replace(labelling, version=2)
    PolicyVersion(version=2, data=put.to_json(), digest=put.digest).save()
    assert effects(labelling)["Finds"].stays, "it is so already"
    drawn, _ = parse_graph(Workflow.objects.get(name="Finds").draft.graph)
    assert drawn is not None
    compiled = compile_draft(drawn)
    assert compiled.plan is not None and [issue.code for issue in compiled.issues] == ["label_impossible"]


def test_what_is_shown_of_pictures_before_their_gate_is_told_of_workflows_that_paint(
    ada: User, home: Workspace
) -> None:
    published(ada, home, "Tells", chain(("a", "echo", {})))
    published(ada, home, "Paints", PAINTS)
    assert FLOOR.previews == "blurred"
    told = effects(replace(FLOOR, previews="none"))
    assert told["Paints"].previews and not told["Paints"].stays
    assert not told["Tells"].previews and told["Tells"].stays
    # Under a profile of labels none are shown anyway.
    assert effects(replace(FLOOR, labelling=CN))["Paints"].previews
    hidden = replace(FLOOR, version=2, previews="none")
    PolicyVersion(version=2, data=hidden.to_json(), digest=hidden.digest).save()
    assert effects(FLOOR)["Paints"].previews
    assert not effects(replace(hidden, labelling=CN))["Paints"].previews


STRICTER = stub_policy(FilterUse("stub.words", Action.BLOCK, 0.1), FilterUse("stub.secrets", Action.REDACT))


def gates_of(workflow: Workflow, home: Workspace) -> set[object]:
    """The chains of the gates that a run of its newest published version would have now."""
    plan = compile_draft(
        read_graph(workflow.versions.latest("number").graph), Owner(str(home.pk), str(workflow.pk))
    ).plan
    assert plan
    return {step.gate.chain for step in plan.steps if step.gate}


def test_the_policy_of_a_called_workflow_counts_those_that_call_it_directly_or_through_others(
    ada: User, home: Workspace
) -> None:
    inner = published(ada, home, "Inner")
    middle = published(ada, home, "Middle", calling(inner))
    outer = published(ada, home, "Outer", calling(middle))
    published(ada, home, "Other")
    once = published(ada, home, "Once", calling(inner))
    save_draft(once, ada, 1, chain(("e", "echo", {})))
    once.refresh_from_db()
    publish_workflow(once, ada)
    through = published(ada, home, "Through an older version", calling(once))
    kept = published(ada, home, "Through the newer version", calling(once, version=2))
    owner = Owner(str(home.pk), str(inner.pk))
    preview = preview_policy(owner, STRICTER)
    told = {effect.name: effect for effect in preview.effects}
    assert set(told) == {"Inner", "Middle", "Outer", "Through an older version"} and preview.total == 4
    assert all(effect.changes == 1 for effect in told.values())
    before = {flow: gates_of(flow, home) for flow in (inner, middle, outer, through, once, kept)}
    change_policy(owner, STRICTER, ada, "It is shown to children")
    changed = {flow for flow in before if gates_of(flow, home) != before[flow]}
    assert changed == {inner, middle, outer, through}
    assert all(effect.stays for effect in effects(STRICTER, owner).values())


def test_callers_that_a_policy_would_stop_are_told(ada: User, home: Workspace) -> None:
    inner = published(ada, home, "Inner")
    outer = published(ada, home, "Outer", calling(inner))
    eu = replace(stub_policy(), labelling=Labelling(Profile.EU, "en", "Example"))
    change_policy(Owner(str(home.pk), str(outer.pk)), eu, ada, "why")
    cn = replace(stub_policy(), labelling=Labelling(Profile.CN, "zh", "Example"))
    told = effects(cn, Owner(str(home.pk), str(inner.pk)))
    assert [issue.code for issue in told["Outer"].stops] == ["labels_differ"]
    assert not told["Inner"].stops


def test_who_calls_from_a_deleted_workflow_is_not_counted(ada: User, home: Workspace) -> None:
    inner = published(ada, home, "Inner")
    delete_workflow(published(ada, home, "Gone", calling(inner)))
    assert set(effects(STRICTER, Owner(str(home.pk), str(inner.pk)))) == {"Inner"}


def test_many_are_looked_at_page_by_page(ada: User, home: Workspace) -> None:
    for number in range(5):
        published(ada, home, f"Number {number}")
    seen = [preview_policy(INSTALLATION, FLOOR, start, most=2) for start in (0, 2, 4)]
    assert [len(page.effects) for page in seen] == [2, 2, 1]
    assert len({effect.name for page in seen for effect in page.effects}) == 5
    assert {page.total for page in seen} == {5}
