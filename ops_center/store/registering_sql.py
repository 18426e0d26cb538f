"""The statements of ``registering``: set against set, all things of a call at once."""

from __future__ import annotations

STAGES = """
CREATE TEMPORARY TABLE thing_stage (
    ordinal int, producer text, thing_id text, kind text, feed text, name_zh text, name_en text,
    longitude float8, latitude float8, district text, department text, attributes jsonb
) ON COMMIT DROP;
CREATE TEMPORARY TABLE datastream_stage (
    ordinal int, producer text, thing_id text, observed_property text, unit text, feed text, interval_s float8,
    time_kind text
) ON COMMIT DROP
"""

RETIRED = """
SELECT producer, thing_id FROM thing_stage JOIN thing t USING (producer, thing_id)
WHERE t.retired IS NOT NULL ORDER BY ordinal LIMIT 1
"""

ADD_THINGS = """
WITH added AS (
    INSERT INTO thing (producer, thing_id, kind, feed, name_zh, name_en, longitude, latitude, district, department,
                       attributes, origin, registered)
    SELECT producer, thing_id, kind, feed, name_zh, name_en, longitude, latitude, district, department,
           attributes, %(origin)s, %(now)s
    FROM thing_stage s
    WHERE NOT EXISTS (SELECT FROM thing t WHERE t.producer = s.producer AND t.thing_id = s.thing_id)
    ORDER BY ordinal
    RETURNING key, longitude, latitude, district, department
)
INSERT INTO thing_place (thing, valid_from, longitude, latitude, district, department)
SELECT key, '-infinity', longitude, latitude, district, department FROM added
"""

# What differs, with what was there before, so that the log can say it.
CHANGE_THINGS = """
WITH changed AS (
    SELECT t.key, s.*, jsonb_build_object('kind', t.kind, 'feed', t.feed, 'name_zh', t.name_zh, 'name_en', t.name_en,
                                          'attributes', t.attributes) AS former
    FROM thing_stage s JOIN thing t USING (producer, thing_id)
    WHERE (t.kind, t.feed, t.name_zh, t.name_en, t.attributes)
          IS DISTINCT FROM (s.kind, s.feed, s.name_zh, s.name_en, s.attributes)
), logged AS (
    INSERT INTO catalog_log (at, version, origin, action, thing, detail)
    SELECT %(now)s, %(version)s, %(origin)s, 'changed', key, former FROM changed
)
UPDATE thing t SET kind = c.kind, feed = c.feed, name_zh = c.name_zh, name_en = c.name_en, attributes = c.attributes
FROM changed c WHERE t.key = c.key
"""

# The new place counts from now on, or, should the clock have been set back, from just after the former one began.
MOVE_THINGS = """
WITH moved AS (
    SELECT t.key, s.longitude, s.latitude, s.district, s.department, t.longitude AS was_longitude,
           t.latitude AS was_latitude, t.district AS was_district, t.department AS was_department,
           greatest(%(now)s, p.valid_from + interval '1 microsecond') AS since
    FROM thing_stage s JOIN thing t USING (producer, thing_id)
    JOIN thing_place p ON p.thing = t.key AND p.valid_to IS NULL
    WHERE (t.longitude, t.latitude, t.district, t.department) <> (s.longitude, s.latitude, s.district, s.department)
), closed AS (
    UPDATE thing_place p SET valid_to = since FROM moved WHERE p.thing = moved.key AND p.valid_to IS NULL
    RETURNING p.thing
), logged AS (
    INSERT INTO catalog_log (at, version, origin, action, thing, detail)
    SELECT %(now)s, %(version)s, %(origin)s, 'moved', key,
           jsonb_build_object('longitude', was_longitude, 'latitude', was_latitude, 'district', was_district,
                              'department', was_department)
    FROM moved
)
UPDATE thing t SET longitude = m.longitude, latitude = m.latitude, district = m.district, department = m.department
FROM moved m WHERE t.key = m.key AND t.key IN (SELECT thing FROM closed)
RETURNING t.key, m.since
"""

NEW_PLACES = """
INSERT INTO thing_place (thing, valid_from, longitude, latitude, district, department)
SELECT key, since, longitude, latitude, district, department
FROM unnest(%(keys)s::int[], %(since)s::timestamptz[]) AS moved (key, since) JOIN thing USING (key)
"""

HOMELESS = """
SELECT producer, thing_id, observed_property FROM datastream_stage s
WHERE NOT EXISTS (SELECT FROM thing t WHERE t.producer = s.producer AND t.thing_id = s.thing_id)
  AND NOT EXISTS (SELECT FROM thing_stage t WHERE t.producer = s.producer AND t.thing_id = s.thing_id)
ORDER BY ordinal LIMIT 1
"""

OTHER_MEANING = """
SELECT producer, thing_id, s.observed_property, d.unit, d.time_kind, s.unit, s.time_kind
FROM datastream_stage s JOIN thing t USING (producer, thing_id)
JOIN datastream d ON d.thing = t.key AND d.observed_property = s.observed_property
WHERE (d.unit, d.time_kind) <> (s.unit, s.time_kind)
ORDER BY ordinal LIMIT 1
"""

ADD_DATASTREAMS = """
INSERT INTO datastream (thing, observed_property, unit, feed, interval_s, time_kind, registered)
SELECT t.key, s.observed_property, s.unit, s.feed, s.interval_s, s.time_kind, %(now)s
FROM datastream_stage s JOIN thing t USING (producer, thing_id)
WHERE t.retired IS NULL
  AND NOT EXISTS (SELECT FROM datastream d WHERE d.thing = t.key AND d.observed_property = s.observed_property)
ORDER BY ordinal
"""

CHANGE_DATASTREAMS = """
WITH changed AS (
    SELECT d.key, d.thing, s.feed, s.interval_s,
           jsonb_build_object('datastream', d.key, 'feed', d.feed, 'interval_s', d.interval_s) AS former
    FROM datastream_stage s JOIN thing t USING (producer, thing_id)
    JOIN datastream d ON d.thing = t.key AND d.observed_property = s.observed_property
    WHERE (d.feed, d.interval_s) <> (s.feed, s.interval_s)
), logged AS (
    INSERT INTO catalog_log (at, version, origin, action, thing, detail)
    SELECT %(now)s, %(version)s, %(origin)s, 'changed', thing, former FROM changed
)
UPDATE datastream d SET feed = c.feed, interval_s = c.interval_s FROM changed c WHERE d.key = c.key
"""
