"""Drawing from nothing: drag, connect, be refused with a reason, see all mistakes, run; nothing is lost."""

from playwright.sync_api import expect

from tests.browser.studio import Studio


def test_a_chat_is_built_from_an_empty_canvas_and_runs(studio: Studio) -> None:
    studio.new_workflow()
    question = studio.drag_from_palette("input.text", 40, 150)
    prompt = studio.drag_from_palette("prompt.template", 320, 30)
    model = studio.drag_from_palette("text.generate", 320, 330)
    answer = studio.drag_from_palette("output.text", 620, 150)
    fill(studio, question, "name", "question")
    fill(studio, prompt, "template", "Answer briefly: {{question}}")
    fill(studio, answer, "name", "answer")
    studio.page.keyboard.press("Escape")
    studio.connect((question, "text"), (prompt, "question"))
    studio.connect((prompt, "text"), (model, "prompt"))
    studio.connect((model, "text"), (answer, "text"))
    expect(studio.gates()).to_have_count(2)
    expect(studio.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    studio.shoot("built")
    studio.ask("question", "What is snow?")
    studio.run()
    studio.wait_for_run("succeeded")


def test_the_first_node_stays_where_it_was_dropped(studio: Studio) -> None:
    studio.new_workflow()
    node = studio.drag_from_palette("input.text", 200, 120)
    canvas = studio.page.get_by_test_id("canvas").bounding_box()
    placed = studio.page.get_by_test_id(f"node-{node}").bounding_box()
    assert canvas and placed
    assert abs(placed["x"] + placed["width"] / 2 - canvas["x"] - 200) < 2
    assert placed["y"] < canvas["y"] + 120 < placed["y"] + placed["height"]


def fill(studio: Studio, node: str, param: str, text: str) -> None:
    studio.page.get_by_test_id(f"node-{node}").click(position={"x": 60, "y": 16})
    field = studio.page.get_by_test_id(f"param-{param}")
    field.fill(text)
    field.blur()


def test_an_impossible_connection_is_refused_while_dragging_with_its_reason(studio: Studio) -> None:
    studio.new_workflow()
    question = studio.drag_from_palette("input.text", 130, 160)
    upscale = studio.drag_from_palette("image.upscale", 500, 160)
    studio.pull_wire(studio.port(question, "out", "text"), studio.port(upscale, "in", "image"))
    refusal = studio.page.get_by_test_id("refusal")
    expect(refusal).to_be_visible()
    expect(refusal).to_contain_text("text")
    studio.shoot("refused")
    studio.page.mouse.up()
    expect(studio.page.locator(".react-flow__edge")).to_have_count(0)


def test_all_mistakes_show_on_their_nodes_at_once(studio: Studio) -> None:
    studio.new_workflow()
    nodes = [
        studio.drag_from_palette("text.generate", 130, 100),
        studio.drag_from_palette("image.upscale", 130, 300),
        studio.drag_from_palette("output.text", 520, 100),
    ]
    for node in nodes:
        expect(studio.page.get_by_test_id(f"node-{node}")).to_have_attribute("data-broken", "true")
    studio.page.get_by_test_id("tab-problems").click()
    expect(studio.page.get_by_test_id("problems").get_by_role("button")).not_to_have_count(0)
    studio.shoot("mistakes")


def test_undo_and_redo_bring_everything_back(studio: Studio) -> None:
    studio.use_template("Chat with a gate")
    nodes = studio.page.locator(".react-flow__node")
    expect(nodes).to_have_count(4)
    studio.page.locator(".react-flow__node").first.click(position={"x": 60, "y": 16})
    studio.page.keyboard.press("Delete")
    expect(nodes).to_have_count(3)
    studio.page.keyboard.press("Control+z")
    expect(nodes).to_have_count(4)
    studio.page.keyboard.press("Control+Shift+z")
    expect(nodes).to_have_count(3)
    studio.page.keyboard.press("Control+z")
    expect(studio.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    studio.page.reload()
    expect(nodes).to_have_count(4)


def test_two_tabs_never_overwrite_each_other_silently(studio: Studio) -> None:
    studio.use_template("Chat with a gate")
    other = Studio(studio.page.context.new_page(), studio.address)
    other.page.goto(studio.page.url)
    expect(other.page.locator(".react-flow__node")).to_have_count(4)
    for tab, tries in ((studio, "saved"), (other, "conflict")):
        tab.page.locator(".react-flow__node").first.click(position={"x": 60, "y": 16})
        tab.page.keyboard.press("Delete")
        expect(tab.page.get_by_test_id("save-state")).to_have_attribute("data-state", tries)
    expect(other.page.get_by_role("dialog")).to_contain_text("changed elsewhere")
    other.shoot("conflict")
