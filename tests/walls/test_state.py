"""What commands make of what hangs on a wall."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ops_center.walls.state import (
    MOST_SENT,
    WHOLE,
    Doer,
    Moved,
    Sent,
    View,
    WallState,
    followed,
    hanging,
    released,
    with_scene,
    with_sent,
    without_sent,
)

LI, WANG = Doer("li", "李", 1_000_000), Doer("wang", "王", 2_000_000)
NANJING, GULOU = View(118.78, 32.06, 10.0), View(118.77, 32.07, 13.0)


def sent(display: int, kind: str = "alarm", subject: str = "7", at: Doer = LI, view: View | None = None) -> Sent:
    return Sent(0, display, kind, subject, {"zh": "甲", "en": "a"}, at.account, at.name, at.at_us, view)  # type: ignore[arg-type]


def test_a_scene_is_there_after_the_lead_and_what_was_sent_goes_with_the_old_one() -> None:
    before = with_sent(WallState(scene="daily", version=1), sent(2), LI, 400_000)
    after = with_scene(before, "flood", 3, WANG, 1_500_000, auto=False)
    assert (after.scene, after.version, after.switch_at_us, after.auto) == ("flood", 3, 3_500_000, False)
    assert after.sent == () and after.seq == before.seq + 1 and after.by == "wang"


def test_a_new_version_of_the_same_scene_leaves_what_was_sent() -> None:
    before = with_sent(WallState(scene="daily", version=1), sent(2), LI, 400_000)
    assert with_scene(before, "daily", 2, WANG, 1_500_000, auto=True).sent == before.sent


def test_the_same_scene_again_is_no_switch() -> None:
    before = with_scene(WallState(), "daily", 1, LI, 1_500_000, auto=False)
    after = with_scene(before, "daily", 1, WANG, 1_500_000, auto=True)
    assert after.switch_at_us == before.switch_at_us and after.auto


def test_what_is_sent_replaces_what_it_covers_and_nothing_else() -> None:
    state = WallState()
    for one in (sent(1), sent(2, subject="8"), sent(1, "view", "", view=GULOU), sent(1, "camera", "video/c1")):
        state = with_sent(state, one, LI, 0)
    assert [(one.display, one.kind) for one in state.sent] == [(2, "alarm"), (1, "view"), (1, "camera")]
    state = with_sent(state, sent(WHOLE, "thing", "water/w1"), WANG, 0)
    assert [(one.display, one.kind) for one in state.sent] == [(1, "view"), (WHOLE, "thing")]
    assert len({one.id for one in state.sent}) == 2


def test_taking_back_what_hangs_there_no_more_changes_nothing() -> None:
    state = with_sent(WallState(), sent(1), LI, 0)
    assert without_sent(state, frozenset({state.sent[0].id + 5}), WANG, 0) is None
    after = without_sent(state, frozenset({state.sent[0].id}), WANG, 0)
    assert after is not None and after.sent == ()


def test_the_view_that_came_last_counts() -> None:
    state = with_sent(WallState(), sent(2, "view", "", view=GULOU), LI, 0)
    dragged = Moved(4, NANJING, "wall-1", LI.at_us + 1)
    assert hanging(state, None, 1).view is None
    assert hanging(state, None, 2).view == GULOU and not hanging(state, None, 2).is_moving
    assert hanging(state, dragged, 2).view == NANJING and hanging(state, dragged, 2).is_moving
    later = with_sent(state, sent(WHOLE, "view", "", WANG, GULOU), WANG, 0)
    assert hanging(later, dragged, 2).view == GULOU
    assert hanging(with_scene(later, "flood", 1, WANG, 0, auto=False), dragged, 2).view is None, "the scene's own view"


def test_following_a_desk_takes_views_down_and_releasing_takes_everything() -> None:
    state = with_sent(with_sent(WallState(auto=False), sent(1), LI, 0), sent(2, "view", "", view=GULOU), LI, 0)
    state = followed(state, WANG)
    assert state.follow is not None and state.follow.by == "wang"
    assert [one.kind for one in state.sent] == ["alarm"]
    state = released(state, LI, 0)
    assert (state.follow, state.sent, state.auto) == (None, (), True)


DISPLAYS = st.integers(0, 6)
KINDS = st.sampled_from(["alarm", "camera", "thing", "view"])


@given(st.lists(st.tuples(DISPLAYS, KINDS), max_size=90))
def test_on_each_display_hangs_what_was_sent_last_of_each_sort(sends: list[tuple[int, str]]) -> None:
    state = WallState()
    for number, (display, kind) in enumerate(sends):
        state = with_sent(state, sent(display, kind, str(number), view=GULOU if kind == "view" else None), LI, 0)
    assert state.seq == len(sends) and len(state.sent) <= MOST_SENT
    for display in range(1, 7):
        last = [str(n) for n, (to, kind) in enumerate(sends) if to in {WHOLE, display} and kind != "view"]
        show = hanging(state, None, display).show
        assert (show.subject if show else None) == (last[-1] if last else None)
