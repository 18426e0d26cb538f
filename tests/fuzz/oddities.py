"""What breaks readers of JSON: values, names and spellings that a mutation puts where others were."""

from __future__ import annotations

RAW = "\ufdd0"
"""marks a text that is written as it is, without quotes: spellings that Python's own writer has no value for"""

NUMBERS = (
    0, -1, 1, 2, 255, 256, -0.0, 0.1, 1e-320, 1e308, -1e308, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64, 2**70,
    -(2**70), 10**25, float("nan"), float("inf"), float("-inf"), 360.0, 180.000001, -90.5, -273.16, 5e-324,
)  # fmt: skip
SPELLINGS = (
    "1e999", "-1e999", "1E400", "1e-999", "-0", "-0.0e0", "01", "+1", "1.", ".5", "0x10", "1_000", "1e5000", "NaN",
    "-NaN", "Infinity", "-Infinity", "nan", "True", "None", "undefined", "'x'", "{}", "[]", '"\\ud800"',
    '"\\udfff\\ud800"',
    '"\\u0000"', '"\\uD83D"', '"\\x41"', '"\t"', '"\x00"', "9" * 400, "9" * 5000, "1" + "0" * 308, "1" + "0" * 309,
    "-" + "9" * 30, "1e" + "9" * 30, "0." + "0" * 400 + "1", "null", "true", "false", '"', "[", "{", "}", "]", ",", ":",
)  # fmt: skip
TEXTS = (
    "", " ", "\0", "a\0b", "\ud800", "x\udfffy", "\ud83d\ude00", "😀", "ﷺ" * 20, "\u202e", "\u2028", "\ufeff", "é",
    "e\u0301", "null", "NaN", "true", "0", "-1", "1e5", "中山路", "a/b", "../..", "%00", "'; DROP TABLE thing; --",
    "<script>alert(1)</script>", "${jndi:x}", "{0}", "%s%n", "x" * 201, "y" * 3000, "z" * 70_000, "\n", "\r\n", "\x7f",
    "__proto__", "constructor", "__class__", "things", "v",
)  # fmt: skip
NAMES = (
    "v", "producer", "t", "things", "q", "rt", "events", "longitude", "latitude", "speed_mps", "heading_deg", "id",
    "kind",
    "thing", "confidence", "attributes", "", "\0", "\ud800", "__class__", "self", "T", "t ", "retired", "datastreams",
    "vehicle_speed", "people_count", "pond_level", "nobody_has_this", "n" * 5000,
)  # fmt: skip
TIMES = (
    "2026-11-23T08:00:00+08:00", "2026-11-23T08:00:00", "2026-11-23", "2026-11-23T00:00:00Z", "2026-11-23T00:00Z",
    "20261123T000000Z", "2026-W48-1T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-11-23T24:00:00Z", "2026-02-30T00:00:00Z",
    "2026-11-23T00:00:60Z", "2026-11-23T00:00:00+99:99", "2026-11-23T00:00:00+08:00:00.000001", "yesterday", "now",
    "2026-11-23 00:00:00.123456789Z", "1e12", "٢٠٢٦-11-23T00:00:00Z",
)  # fmt: skip
DEPTHS = (2, 3, 5, 40, 100, 400, 490, 900, 990, 1000, 1100, 3000, 20_000)
SPLICES = (
    b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\\ud800", b"NaN",
    b"1e999", b"-0", b"null", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b" ", b"/*", b"\x1f\x8b", b"OPS1",
)  # fmt: skip
