"""The page about rules says what is so: its example rule loads, its example type works, its table is complete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from alerts import bounds, contract, declared, measured
from alerts.expansion import memory_columns
from alerts.loading import load_rules, shipped_files, shipped_rules
from ops_center.domain.text import Label
from tests.alerts import trial
from tests.alerts.trial import TYPES, Item, Trial

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
TABLE = re.findall(r"^\| `(\w+)` \| .* \| ([\d.]+) KB \|$", PAGE, re.M)


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.S)
    assert found is not None
    return found.group(1)


def test_the_example_rule_is_read() -> None:
    (rule,) = load_rules(block("toml"), "docs/rules.md", TYPES)
    assert rule.name == "water_pressure_low"


def test_the_example_type_finds_a_jump() -> None:
    names: dict[str, Any] = {"np": np, "dataclass": dataclass, "Mapping": Mapping, "Any": Any, "Label": Label}
    for module in (bounds, contract, declared, measured):
        names |= vars(module)
    exec(compile(block("python"), "docs/rules.md", "exec", dont_inherit=True), names)
    odd = names["RULE_TYPE"]
    rule = trial.read_rule(
        {**_form(), "type": "odd", "parameters": odd.example}, "docs/rules.md", {**TYPES, "odd": odd}
    )
    tried = Trial(rule)
    tried.show([Item(0, 1, 5), Item(0, 2, 6), Item(0, 3, 9), Item(0, 4, 9)])
    assert [(turn.at_s, turn.entered, turn.value) for turn in tried.turns()] == [(3, True, 3), (4, False, 0)]


def _form() -> dict[str, Any]:
    words = trial.WORDS
    texts = dict.fromkeys(("cause", "consequence", "operator_action", "department"), words)
    priority = {"consequence": "minor", "respond_min": 1}
    return {"name": "odd", "label": words, "source": words, "scope": {}, "priority": priority, "texts": texts}


def test_the_table_has_every_type_and_what_a_row_of_it_remembers() -> None:
    assert {name for name, _ in TABLE} == TYPES.keys()
    for name, kilobytes in TABLE:
        columns = memory_columns(TYPES[name]).values()
        size = sum(int(np.prod(one.width, dtype=int)) * np.dtype(one.dtype).itemsize for one in columns)
        assert abs(float(kilobytes) * 1000 - size) <= 60, f"{name}: {size} bytes"


def test_the_number_of_rules_that_ship_is_said_rightly() -> None:
    assert f"{len(shipped_rules(TYPES))} rules in eight files" in PAGE and len(shipped_files()) == 8
