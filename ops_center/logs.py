"""How the center logs: an event name plus key=value, on standard error; set up once by ``run.py``."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog


def set_up_logs(process: str, log_format: Literal["console", "json"], level: str) -> None:
    """Configure structlog for this process; ``process`` is on every line."""
    lines: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=28)
    )

    def name_process(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        return {**event, "process": process}

    structlog.configure(
        processors=[
            name_process,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            lines,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries (uvicorn, kafka, alembic) speak through the standard module: their warnings belong to us too.
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s [%(levelname)s] %(name)s: %(message)s"
    )
    # kafka-python repeats itself with every retry; what matters of it reaches us as exceptions, told once.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
