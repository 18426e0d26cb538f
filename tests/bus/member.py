"""A member of a group as a process of its own, so that it can be frozen and killed: ``python -m tests.bus.member``.

Reads commands from standard input (``poll``, ``done``, ``close``), answers each with one line of JSON.
"""

from __future__ import annotations

import json
import sys

from ops_center.domain.errors import OpsCenterError, PartitionLost
from ops_center.domain.messages import RawMessage
from tests.bus.subjects import Ledger, open_bus


def main(kind: str, url: str, group: str, topic: str) -> None:
    ledger = Ledger()
    with open_bus(kind, url) as bus:
        consumer = bus.consumer(group, [topic], ledger)
        found: list[RawMessage] = []
        for command in sys.stdin:
            answer: object = None
            try:
                match command.strip():
                    case "poll":
                        found += consumer.poll(0.1, 1000)
                        answer = {
                            "held": sorted(p.partition for p in ledger.held),
                            "values": [int(m.value) for m in found],
                        }
                    case "done":
                        consumer.done({p: at for p, at in ledger.keep(found).items() if at is not None})
                        answer = "accepted"
                    case "close":
                        consumer.close()
                        return
            except PartitionLost:
                answer = "lost"
            except OpsCenterError as error:
                answer = repr(error)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
