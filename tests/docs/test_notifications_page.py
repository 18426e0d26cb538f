"""The page about notifications says what is so: its examples are read, its numbers are the code's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from alerts.notifying import LONGEST_RETRY_US, MOST_ATTEMPTS, SETTLE_US
from alerts.route import Route, read_route
from ops_center.domain.time import MINUTE_US, SECOND_US
from ops_center.services.bounded_http import WITHIN_S as WEBHOOK_S
from ops_center.services.notifications.door import WITHIN_S
from ops_center.services.notifications.peers import read_peers
from ops_center.services.notifications.sending import LEASE_US

PAGE = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.S)


def test_the_example_route_is_read() -> None:
    route = read_route(tomllib.loads(EXAMPLES[0]))
    assert route.hours[0].days == [1, 2, 3, 4, 5] and route.repeat_min == 15


def test_the_example_of_a_webhook_is_read(tmp_path: Path) -> None:
    file = tmp_path / "webhooks.toml"
    file.write_text(EXAMPLES[1], encoding="utf-8")
    assert set(read_peers(file)) == {"duty_room"}


def test_every_field_of_a_route_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", PAGE, re.M))))
    assert set(Route.__struct_fields__) - {"name", "label", "version"} <= explained


def test_the_numbers_are_the_code_s() -> None:
    assert (SETTLE_US, LONGEST_RETRY_US) == (3 * SECOND_US, 15 * MINUTE_US) and MOST_ATTEMPTS == 100
    assert (WITHIN_S, WEBHOOK_S, LEASE_US) == (30, 10, 5 * MINUTE_US)
