"""Who was invited by a link gives themselves a password, by keys alone, and comes back with it: in both languages."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK
from tests.browser.studio import SECONDS, Studio
from tests.browser.test_looks import CUT, WIDER, dress
from tests.fixtures.site import Site

PREPARE = """
from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User
from builder.accounts.sign_in_links import issue_link
maker = User.objects.filter(username="mara").first() or User.objects.create(username="mara", first_name="Mara")
guest = User.objects.create_user("{name}", first_name="Gwen")
create_workspace("Gwen's", guest)
print(issue_link(guest, maker.pk), issue_link(guest, maker.pk))
"""
NEW = "nine quiet herons"
# What the page says, and what it is asked for by.
SAID = {
    "en": (
        "You signed in by a link of Mara. With a password of your own, what you do counts as yours alone.",
        "Set a password",
        "This password is too short. It must contain at least 8 characters.",
        "Your password is set. Sign in with it.",
    ),
    "zh-hans": (
        "你是通过 Mara 生成的链接登录的。有了自己的密码，你的操作才只算作你本人的。",
        "设置密码",
        "密码太短，至少需要 8 个字符。",
        "密码已设置，请用它登录。",
    ),
}


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-hans", "dark")])
def test_a_guest_sets_a_password_and_signs_in_with_it(
    language: str, theme: str, site: Site, browser: Browser
) -> None:
    why, verb, weak, done = SAID[language]
    name = f"gwen-{language}"
    made = site.manage("shell", "-c", PREPARE.format(name=name))
    assert made.returncode == 0, made.stderr
    used, unused = made.stdout.split()[-2:]
    context = browser.new_context(viewport=DESK, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.address + used)
    page.wait_for_url(f"{site.address}/")
    studio = Studio(page, site.address)
    dress(studio, language, theme)
    studio.open("/settings")
    expect(page.get_by_text(why)).to_be_visible(timeout=30 * SECONDS)

    page.get_by_role("button", name=verb).focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name=verb)
    expect(form.locator("[name=new]")).to_be_focused()
    page.keyboard.type("q7x")
    page.keyboard.press("Tab")
    page.keyboard.type("q7x")
    page.keyboard.press("Enter")
    expect(form.get_by_text(weak)).to_be_visible()
    expect(form.locator("[name=new]")).to_be_focused()
    assert page.evaluate(WIDER) <= 0
    assert page.evaluate(CUT) == []
    studio.shoot(f"password-weak-{language}-{theme}")
    for field in ("new", "again"):
        form.locator(f"[name={field}]").fill(NEW)
    page.keyboard.press("Enter")

    expect(page.get_by_text(done)).to_be_visible()
    studio.shoot(f"password-set-{language}-{theme}")
    expect(page.locator("[name=username]")).to_have_value(name)
    page.locator("[name=password]").fill(NEW)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/")
    studio.open("/settings")
    expect(page.get_by_text(re.compile("Gwen")).first).to_be_visible()
    expect(page.get_by_text(why)).to_have_count(0)
    context.clear_cookies()
    page.goto(site.address + unused)
    page.wait_for_url(re.compile(r"/sign-in\?used=1"))
    context.close()
