"""What alarms are called: as their thing, or as the feed that they are about."""

from __future__ import annotations

from alerts.contract import SubjectKind
from alerts.subjects import feed, group_key
from feeds import all_feeds
from ops_center.domain.catalog import Catalog
from ops_center.services.alarm_words import AlarmWords, feed_names
from tests.store.alarm_shapes import alarm


def test_an_alarm_about_a_feed_says_which() -> None:
    words = AlarmWords(dict, lambda: Catalog(1, (), ()), feed_names(all_feeds()))
    silent = alarm(1, thing=-1, subject_kind=SubjectKind.GROUP, subject=group_key(feed("water")))
    assert words.thing_name(silent) == all_feeds()["water"].label
    assert words.row(silent)["name"] == {"zh": all_feeds()["water"].label.zh, "en": all_feeds()["water"].label.en}
    other = alarm(2, thing=-1, subject_kind=SubjectKind.GROUP, subject=group_key("district:D01"))
    assert words.thing_name(other) is None
    assert words.thing_name(alarm(3, thing=-1, subject=group_key(feed("water")))) is None, "a datastream of that key"
