"""The catalog in ``center``, and the tables of every realm.

Beside its key an observation is found by time alone only to make rollups of whole minutes: a block-range index does
that at a hundredth of the price of a second tree.

What moves with a batch (observation, position) is cut into chunks of a day: late data touches few of them, and
retention drops them whole. Events, quarantine and positions of workers are small and stay plain tables.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import REALM_SCHEMAS, each_realm, hypertable, run

revision = "0001"
down_revision = None

_CATALOG = """
CREATE TABLE center.thing (
    key int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    producer text NOT NULL,
    thing_id text NOT NULL,
    kind text NOT NULL,
    feed text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    longitude float8 NOT NULL,
    latitude float8 NOT NULL,
    district text NOT NULL,
    department text NOT NULL,
    attributes jsonb NOT NULL,
    origin text NOT NULL,
    registered timestamptz NOT NULL DEFAULT now(),
    retired timestamptz,
    UNIQUE (producer, thing_id)
)

CREATE TABLE center.thing_place (
    thing int NOT NULL REFERENCES center.thing (key),
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    longitude float8 NOT NULL,
    latitude float8 NOT NULL,
    district text NOT NULL,
    department text NOT NULL,
    PRIMARY KEY (thing, valid_from),
    CHECK (valid_to > valid_from)
)

CREATE UNIQUE INDEX thing_place_now ON center.thing_place (thing) WHERE valid_to IS NULL

CREATE TABLE center.datastream (
    key int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    thing int NOT NULL REFERENCES center.thing (key),
    observed_property text NOT NULL,
    unit text NOT NULL,
    feed text NOT NULL,
    interval_s float8 NOT NULL CHECK (interval_s > 0),
    time_kind text NOT NULL CHECK (time_kind IN ('instant', 'interval')),
    registered timestamptz NOT NULL DEFAULT now(),
    retired timestamptz,
    UNIQUE (thing, observed_property)
)

CREATE TABLE center.catalog_version (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    version bigint NOT NULL
)

INSERT INTO center.catalog_version (version) VALUES (0)

CREATE TABLE center.catalog_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    version bigint NOT NULL,
    origin text NOT NULL,
    action text NOT NULL,
    thing int,
    detail jsonb NOT NULL
)

CREATE INDEX catalog_log_thing ON center.catalog_log (thing, id)
"""

_REALM = """
CREATE TABLE observation (
    datastream_id int NOT NULL,
    phenomenon_time timestamptz NOT NULL,
    result float8 NOT NULL,
    quality smallint NOT NULL,
    result_time timestamptz NOT NULL
)

CREATE TABLE observation_revision (
    datastream_id int NOT NULL,
    phenomenon_time timestamptz NOT NULL,
    result float8 NOT NULL,
    quality smallint NOT NULL,
    result_time timestamptz NOT NULL,
    replaced timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (datastream_id, phenomenon_time, result_time)
)

CREATE TABLE position (
    thing_id int NOT NULL,
    phenomenon_time timestamptz NOT NULL,
    longitude float8 NOT NULL,
    latitude float8 NOT NULL,
    speed_mps float8 NOT NULL,
    heading_deg float8 NOT NULL,
    quality smallint NOT NULL
)

CREATE TABLE event (
    feed text NOT NULL,
    event_id text NOT NULL,
    thing_id int NOT NULL,
    kind text NOT NULL,
    phenomenon_time timestamptz NOT NULL,
    received timestamptz NOT NULL,
    longitude float8 NOT NULL,
    latitude float8 NOT NULL,
    confidence float8 NOT NULL,
    attributes jsonb NOT NULL,
    PRIMARY KEY (feed, event_id)
)

CREATE INDEX event_time ON event (phenomenon_time)

CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed text NOT NULL,
    reason text NOT NULL,
    count bigint NOT NULL,
    detail text NOT NULL,
    origin text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    position text NOT NULL,
    received timestamptz NOT NULL,
    key bytea NOT NULL,
    payload bytea NOT NULL,
    released timestamptz,
    UNIQUE (origin, reason)
)

CREATE INDEX quarantine_standing ON quarantine (reason, id) WHERE released IS NULL

CREATE TABLE worker_position (
    worker text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    position text NOT NULL,
    moved timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (worker, topic, partition)
) WITH (fillfactor = 50)

CREATE TABLE feed_count (
    feed text NOT NULL,
    partition int NOT NULL,
    received bigint NOT NULL,
    accepted bigint NOT NULL,
    quarantined bigint NOT NULL,
    last_time timestamptz,
    PRIMARY KEY (feed, partition)
) WITH (fillfactor = 50)
"""

_UNIQUE = """
CREATE UNIQUE INDEX observation_key ON observation (datastream_id, phenomenon_time)

CREATE UNIQUE INDEX position_key ON position (thing_id, phenomenon_time)

CREATE INDEX observation_time ON observation USING brin (phenomenon_time) WITH (autosummarize = on)
"""


def upgrade() -> None:
    """Make the schemas and their tables."""
    run(_CATALOG)
    for schema in REALM_SCHEMAS:
        run(f"CREATE SCHEMA {schema}")
    for _ in each_realm():
        run(_REALM)
        hypertable("observation", "phenomenon_time", "1 day")
        hypertable("position", "phenomenon_time", "1 day")
        run(_UNIQUE)
