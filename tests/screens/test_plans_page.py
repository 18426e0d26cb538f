"""Plans in a real Chromium: steps are edited as a graph and a form; nothing half typed is lost; faults say where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from ops_center.bootstrap import import_plans, register_pack
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import SystemClock
from ops_center.incidents.types import shipped_types
from ops_center.services.plans import PlanDesk
from ops_center.store.version_port import VersionRow
from tests.screens.held_answers import held_answer
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center
from tests.servers.browsers import new_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    folder = small_city.folder
    assert folder is not None
    with people_center(admin, valkey_url, folder, tmp_path_factory.mktemp("state")) as running:
        register_pack(running.settings, folder)
        import_plans(running.settings)
        yield running


class Editor(Visitor):
    """Somebody in front of the page."""

    def opens(self, label: str) -> None:
        """Open a plan from the list, and see its steps."""
        self.page.click(f".plan-card:has-text('{label}')")
        self.sees(f".plan-card.opened:has-text('{label}')")
        self.sees('.plan-step[data-place="0"]')

    def field(self, name: str) -> str:
        return f'#plan-form .scf > [data-field="{name}"]'

    def form(self, what: str) -> object:
        return self.page.evaluate(f"opsCenter.planEditor.form.{what}")

    def saves(self, reason: str) -> None:
        self.page.fill(".plan-saving input", reason)
        self.page.click(".plan-saving .main")


@pytest.fixture(scope="module")
def editor(browser: Browser, center: PeopleCenter) -> Iterator[Editor]:
    """One desk for all: the page is loaded once, and anew only where that is what is tried."""
    with new_page(browser, []) as page:
        opened = Editor(page, center)
        opened.holds(center.secret("chen", Grant(Role.COORDINATOR)))
        opened.opens_desk("/plans")
        yield opened
        assert not opened.errors, opened.errors


def newest(center: PeopleCenter, name: str) -> VersionRow:
    return center.store.plans.history(name)[0]


def test_a_step_is_edited_saved_compared_and_taken_back(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("供水管道爆管预案")
    editor.page.click('.plan-step[data-place="1"]')
    editor.page.fill(f"{editor.field('done_minutes')} input", "45")
    editor.saves("crews are nearer")
    wait_until(lambda: newest(center, "burst_main").version == 2, "it is saved")
    row = newest(center, "burst_main")
    assert row.form["steps"][1]["done_minutes"] == 45 and row.reason == "crews are nearer"
    wait_until(lambda: editor.page.locator(".plan-saving").count() == 0, "nothing is left to save")
    editor.page.click("#plan-form button.link")
    editor.page.locator(".plan-version", has_text="第 1 版").get_by_text("比较").click()
    assert "60" in editor.page.locator(".plan-change del").inner_text()
    editor.page.click("button:has-text('恢复为随系统提供的样子')")
    wait_until(lambda: newest(center, "burst_main").is_as_shipped, "it is what ships again")


def test_nothing_half_typed_is_lost_and_what_is_wrong_says_where(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("火灾预案")
    editor.page.click('.plan-step[data-place="0"]')
    title = editor.page.locator(f"{editor.field('title')} input").nth(1)
    title.fill("")
    title.press_sequentially("half a ti")
    editor.page.reload()
    editor.sees('.plan-step[data-place="0"]')
    assert editor.form("steps[0].title.en") == "half a ti", "what was typed when the page went is back"
    editor.page.click('.plan-step[data-place="0"]')
    editor.page.fill(f"{editor.field('accept_minutes')} input", "900")
    editor.page.locator(f"{editor.field('accept_minutes')} input").blur()
    wait_until(
        lambda: editor.page.locator(f"{editor.field('accept_minutes')} .plan-fault").count() == 1, "it says where"
    )
    assert editor.page.locator(".plan-step.wrong").get_attribute("data-place") == "0"
    editor.saves("does not fit")
    wait_until(lambda: "没有保存" in editor.page.locator("#plan-foot").inner_text(), "it is refused")
    assert newest(center, "fire").version == 1
    editor.page.click(".plan-saving button:has-text('放弃')")
    wait_until(lambda: editor.form("steps[0].accept_minutes") != 900, "it is dropped")


def test_who_was_passed_is_told_and_keeps_the_draft(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("燃气泄漏预案")
    editor.page.click("button:has-text('＋ 步骤')")
    steps = editor.form("steps.length")
    other = PlanDesk(center.store.plans, SystemClock(), shipped_types())
    assert isinstance(other.set_enabled(Asker("zhao"), "gas_leak", False, "under review"), VersionRow)
    editor.saves("one more step")
    wait_until(lambda: "期间有人保存" in editor.page.locator("#plan-foot").inner_text(), "it is told")
    assert editor.form("steps.length") == steps and newest(center, "gas_leak").author == "zhao"


def test_what_is_typed_while_a_save_is_under_way_stays_a_draft(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("城市内涝预案")
    editor.page.click('.plan-step[data-place="0"]')
    title = editor.page.locator(f"{editor.field('title')} input").nth(1)
    title.fill("what is saved")
    with held_answer(editor.page, "plan-act") as is_done:
        editor.saves("clearer")
        is_done()
        title.fill("")
        title.press_sequentially("what is ty")
    wait_until(lambda: "已保存为第 2 版" in editor.page.locator("#plan-foot").inner_text(), "it is told")
    editor.page.keyboard.type("ped")
    assert title.input_value() == "what is typed", "nobody took the field away"
    editor.saves("clearer still")
    name = str(editor.page.evaluate("opsCenter.planEditor.name"))
    wait_until(lambda: newest(center, name).version == 3, "it is saved on what was saved before")
    titles = [row.form["steps"][0]["title"]["en"] for row in center.store.plans.history(name)[:2]]
    assert titles == ["what is typed", "what is saved"]
