"""The console: every page answers, to administrators only, in both languages."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from builder.accounts.administrators import ensure_administrator
from builder.accounts.models import User, Workspace
from builder.gallery.models import Template
from builder.keeping.models import Erasure, Hold, Read, RetentionRule
from builder.reviews.models import Look, Opinion
from builder.runs.models import Finding, Review, Run, Step, Worker
from builder.safety.active_policy import active_policy
from builder.safety.models import PolicyVersion
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import WorkflowVersion
from tests.fixtures.kept import some_plan
from tests.house.sources import ROOT

LISTS = [
    "accounts_user", "accounts_workspace", "accounts_membership", "workflows_workflow", "workflows_workflowversion",
    "gallery_template", "runs_run", "runs_worker", "runs_review", "safety_policyversion",
    "keeping_retentionrule", "keeping_hold", "keeping_erasure", "keeping_read",
]  # fmt: skip


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(ensure_administrator())
    return client


@pytest.fixture
def everything(admin: Client) -> dict[str, object]:
    """One row of everything that the console shows, by its list's name."""
    user = User.objects.get()
    workspace = Workspace.objects.get()
    workflow = create_workflow(workspace, user, "Greeting")
    policy = active_policy()
    version = WorkflowVersion.objects.create(
        workflow=workflow, number=1, graph={}, plan_digest="0" * 64, policy_version=policy.version
    )
    template = Template.objects.create(
        slug="t", title={"en": "Tee", "zh": "茶"}, description={"en": "", "zh": ""}, graph={}, inputs=[]
    )
    words = {"en": "A category was met.", "zh": "命中了一个类别。"}
    run = Run.objects.create(
        workspace=workspace, workflow=workflow, policy_id=policy.version, plan=some_plan(workspace)
    )
    Step.objects.create(run=run, segment=0, position=0, name="answer", type="output.text", title=words)
    Finding.objects.create(
        run=run, step="g", rule="r", action="block", filter="f", category="c", score=0.9, message=words
    )
    review = Review.objects.create(
        run=run, step="g", purpose="hold", state="open", rules=["r"], digest="", policy="", type="text", outputs=["answer"],
        held={"value": {"type": "text", "data": "CANARY", "sources": [], "clearances": []}, "spots": []},
        deadline=timezone.now(),
    )  # fmt: skip
    Look.objects.create(review=review, name="Ada")
    Opinion.objects.create(review=review, name="Ada", decision="block", note="It is a threat.")
    worker = Worker.objects.create(id="w1", device="cpu", seen=timezone.now(), models_held=["smollm2"])
    return {
        "accounts_user": user,
        "accounts_workspace": workspace,
        "accounts_membership": workspace.memberships.get(),
        "workflows_workflow": workflow,
        "workflows_workflowversion": version,
        "gallery_template": template,
        "runs_run": run,
        "runs_worker": worker,
        "runs_review": review,
        "safety_policyversion": PolicyVersion.objects.get(),
        "keeping_retentionrule": RetentionRule.objects.create(workspace=workspace, kind="uploads", days=30),
        "keeping_hold": Hold.objects.create(kind="person", subject=workspace.pk, reason="A court asked."),
        "keeping_erasure": Erasure.objects.create(kind="run", subject="0" * 64, counts={"runs": 1}),
        "keeping_read": Read.objects.create(asset=run.pk, workspace=workspace.pk, by=user.pk, way="shown"),
    }


@pytest.mark.parametrize("name", LISTS)
def test_every_list_and_every_row_has_a_page(name: str, admin: Client, everything: dict[str, object]) -> None:
    assert admin.get(reverse(f"admin:{name}_changelist")).status_code == 200
    page = admin.get(reverse(f"admin:{name}_change", args=[everything[name].pk]))
    assert page.status_code == 200


def test_every_entry_of_the_sidebar_leads_to_a_page(admin: Client, everything: dict[str, object]) -> None:
    page = admin.get("/console/")
    links = [item["link"] for group in page.context["sidebar_navigation"] for item in group["items"]]
    assert len(links) == len(LISTS) + 9
    assert {admin.get(link).status_code for link in links} == {200}


def test_models_stand_with_their_licence_and_state(admin: Client) -> None:
    page = admin.get("/console/models/").content.decode()
    assert "SmolLM2 135M Instruct" in page
    assert "Apache-2.0" in page


def test_filters_stand_with_what_they_miss(admin: Client) -> None:
    page = admin.get("/console/filters/").content.decode()
    assert "safety.words" in page
    assert "safety.prompt_attack" in page


def test_a_run_shows_its_steps_and_findings_and_no_way_to_change_it(
    admin: Client, everything: dict[str, object]
) -> None:
    page = admin.get(reverse("admin:runs_run_change", args=[everything["runs_run"].pk])).content.decode()
    assert "output.text" in page
    assert "A category was met." in page
    assert 'name="_save"' not in page


def test_a_review_shows_who_looked_and_what_they_decided_and_never_the_material(
    admin: Client, everything: dict[str, object]
) -> None:
    pages = [
        reverse("admin:runs_review_changelist"),
        reverse("admin:runs_review_change", args=[everything["runs_review"].pk]),
    ]
    Review.objects.update(state="decided")
    texts = [admin.get(page).content.decode() for page in pages]
    assert "It is a threat." in texts[1] and "Ada" in texts[1] and 'name="_save"' not in texts[1]
    assert "CANARY" not in "".join(texts)


def test_an_open_review_shows_an_administrator_no_opinion_but_their_own(
    admin: Client, everything: dict[str, object]
) -> None:
    review = Review.objects.get()
    address = reverse("admin:runs_review_change", args=[review.pk])
    page = admin.get(address).content.decode()
    assert "It is a threat." not in page and "1 / 1" in page, "that there is one is told"
    Opinion.objects.create(
        review=review, by=User.objects.get(), name="root", decision="allow", note="It is a play."
    )
    page = admin.get(address).content.decode()
    assert "It is a play." in page and "It is a threat." not in page
    Review.objects.update(state="expired")
    assert "It is a threat." in admin.get(address).content.decode()


def test_the_agreement_of_reviewers_stands_on_a_page(admin: Client, everything: dict[str, object]) -> None:
    review = everything["runs_review"]
    Opinion.objects.create(review=review, name="Bob", decision="allow", note="No.")
    type(review).objects.update(state="decided")
    page = strip_tags(admin.get("/console/agreement/").content.decode())
    assert {"Ada", "Bob", "0%"} <= set(page.split())


def test_a_finding_is_told_by_titles_and_not_by_ids(admin: Client, everything: dict[str, object]) -> None:
    run = everything["runs_run"]
    words = {"en": "A category was met.", "zh": "命中了一个类别。"}
    Finding.objects.create(
        run=run, step="g", rule="person-text", action="block", filter="safety.words", category="hate", score=0.9,
        message=words,
    )  # fmt: skip
    address = reverse("admin:runs_run_change", args=[run.pk])
    page = strip_tags(admin.get(address).content.decode())
    assert "Hate (S10)" in page
    assert "safety.words" not in page and "person-text" not in page
    assert "hate" not in page.split(), "nor above a row"
    chinese = strip_tags(admin.get(address, headers={"Accept-Language": "zh-CN"}).content.decode())
    assert "仇恨（S10）" in chinese and "文本" in chinese


def test_a_silent_worker_is_shown_as_gone(admin: Client, everything: dict[str, object]) -> None:
    from builder.console.runs import WorkerAdmin

    worker = everything["runs_worker"]
    alive = WorkerAdmin.alive.__wrapped__ if hasattr(WorkerAdmin.alive, "__wrapped__") else WorkerAdmin.alive
    assert alive(None, worker)
    worker.seen = timezone.now() - timedelta(minutes=5)
    assert not alive(None, worker)


def test_the_console_speaks_chinese(admin: Client, everything: dict[str, object]) -> None:
    page = admin.get("/console/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "工作区" in page
    runs = admin.get(
        reverse("admin:runs_run_changelist"), headers={"Accept-Language": "zh-CN"}
    ).content.decode()
    assert "运行" in runs


def test_states_sinks_sources_and_actions_are_words_and_not_names(
    admin: Client, everything: dict[str, object]
) -> None:
    def text(view: str, *args: object) -> str:
        chinese = {"Accept-Language": "zh-CN"}
        return strip_tags(admin.get(reverse(f"admin:{view}", args=args), headers=chinese).content.decode())

    run = text("runs_run_change", everything["runs_run"].pk)
    assert {"排队中", "等待中", "拦下", "标识"} <= set(re.findall(r"\w+", run))
    assert not re.findall(r".*(?:queued|pending).*", run)
    assert "空闲" in text("runs_worker_changelist")
    assert "生成文本" in text("models")
    policy = text("safety_policyversion_change", everything["safety_policyversion"].pk)
    assert "去往: 人" in policy and "文本、数据" in policy and "任何来源" in policy
    assert "safety.words" not in policy


def test_runs_can_be_listed_by_their_state(admin: Client, everything: dict[str, object]) -> None:
    page = reverse("admin:runs_run_changelist")
    counts = [admin.get(f"{page}?state={state}").context["cl"].result_count for state in ("queued", "failed")]
    assert counts == [1, 0]


def test_people_who_are_no_administrators_are_sent_to_sign_in(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create(username="staff", is_staff=True))
    for path in ("/console/", "/console/models/", reverse("admin:runs_run_changelist")):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"].startswith("/console/login/")) == (302, True)
    assert client.get("/console/login/?next=/console/").status_code == 403
    assert Client().get("/console/login/?next=/console/")["Location"] == "/sign-in?next=%2Fconsole%2F"


def test_a_new_person_gets_a_workspace_and_a_link_that_signs_them_in_once(admin: Client) -> None:
    data = {
        "username": "grace",
        "password1": "a long passphrase",
        "password2": "a long passphrase",
        "usable_password": "true",
    }
    assert admin.post(reverse("admin:accounts_user_add"), data).status_code == 302
    grace = User.objects.get(username="grace")
    assert grace.memberships.get().role == "owner"
    made = admin.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "make_links", "_selected_action": [str(grace.pk)]},
        follow=True,
    )
    assert "/sign-in/" in made.content.decode()


def test_a_page_says_once_where_one_is_and_dates_begin_with_the_year(
    admin: Client, everything: dict[str, object]
) -> None:
    run = everything["runs_run"]
    page = admin.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()
    header = page[page.index("<body") :]
    assert header.count(">Runs</a>") == 1
    assert run.created.strftime("%Y-%m-%d %H:%M") in page


@pytest.mark.parametrize("name", ["mark-light.svg", "mark-dark.svg", "theme.js"])
def test_the_console_has_the_logo_and_the_theme_of_the_studio(name: str, admin: Client) -> None:
    assert f"/static/console/{name}" in admin.get("/console/").content.decode()
    assert finders.find(f"console/{name}")


def test_the_logo_is_drawn_as_in_the_studio() -> None:
    studio = (ROOT / "frontend/src/shared/Marks.tsx").read_text(encoding="utf-8").split("GateMark")[0]
    for name in ("mark-light.svg", "mark-dark.svg"):
        mark = Path(finders.find(f"console/{name}")).read_text(encoding="utf-8")
        assert re.findall(r'\bd="([^"]+)"', mark) == re.findall(r'\bd="([^"]+)"', studio)
