"""A picture that one run has shown is given to the next: under the same policy its gate only looks that up."""

from builder.assets.models import Asset
from builder.runs.models import Run
from tests.fixtures.runs import drawing, stub_policy
from tests.safety.paths.visit import Visit

MAKE = drawing(
    ("in", "input", {"name": "text"}), ("p", "picture", {"colour": "blue"}), ("o", "show_image", {"name": "o"}),
    edges="in.text>p.text p.image>o.image",
)  # fmt: skip
SHOW = drawing(
    ("in", "input_image", {"name": "image"}), ("o", "show_image", {"name": "o"}), edges="in.image>o.image"
)


def test_what_a_run_has_shown_comes_cleared_to_the_next_under_the_same_policy_alone(visit: Visit) -> None:
    policy = visit.policy(stub_policy())
    visit.run(visit.draw(MAKE))
    asset = Asset.objects.get()
    again = visit.draw(SHOW)
    order = {"inputs": {"image": str(asset.pk)}}

    def given() -> tuple[Run, list[tuple[str, str, str]]]:
        run = Run.objects.get(pk=visit.post(f"workflows/{again}/runs", order, 201)["id"])
        visit.agent.drain()
        run.refresh_from_db()
        found = run.arguments["image"]["clearances"]
        return run, [(item["digest"], item["rule"], item["policy"]) for item in found]

    run, clearances = given()
    assert run.state == "succeeded"
    assert clearances == [(asset.sha256, "person-image", policy.digest)]
    visit.policy(stub_policy(version=2))
    run, clearances = given()
    assert run.state == "succeeded", "looked at in full, and still harmless"
    assert clearances == []
