"""Keeps a process's copy of the catalog up to date. Used by intake and by the web process, through the port alone."""

from __future__ import annotations

import threading

import structlog

from ops_center.domain.catalog import Catalog
from ops_center.domain.errors import StoreError
from ops_center.store.port import CatalogStore

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0


class CatalogWatch:
    """The newest catalog that is known. ``look`` is called by whoever owns the watch, about once a second."""

    def __init__(self, store: CatalogStore) -> None:
        self._store = store
        self._failed = False
        self.catalog = Catalog.empty()

    def must_load(self) -> None:
        """Load it if it was never loaded: a worker that knows nothing would quarantine everything."""
        if not self.catalog.version:
            self.catalog = self._store.load()

    def look(self) -> bool:
        """Load it again where it changed; keep what is known while the database is away. Return if it changed."""
        try:
            if self._store.version() == self.catalog.version:
                return False
            self.catalog = self._store.load()
        except StoreError as error:
            if not self._failed:
                log.warning("catalog.cannot_look", error=str(error), version=self.catalog.version)
            self._failed = True
            return False
        if self._failed:
            log.info("catalog.looks_again")
        self._failed = False
        log.info("catalog.loaded", version=self.catalog.version, things=len(self.catalog.things))
        return True

    def follow(self, stop: threading.Event) -> threading.Thread:
        """Look once a second in a thread of its own until ``stop``."""

        def run() -> None:
            while not stop.wait(_LOOK_EVERY_S):
                self.look()

        thread = threading.Thread(target=run, name="catalog watch", daemon=True)
        thread.start()
        return thread
