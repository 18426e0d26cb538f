"""One-time codes as RFC 6238 has them; a code counts once; recovery codes; secrets at rest."""

from __future__ import annotations

import base64

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.time import SECOND_US
from ops_center.people import totp
from ops_center.people.keys import Keys
from ops_center.people.totp import TotpSecrets, matching_step

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
AT_US = 1_700_000_010 * SECOND_US
STEP = 1_700_000_010 // 30


def code(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).generate_otp(step)


@pytest.mark.parametrize(
    ("at_s", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(at_s: int, digits: str) -> None:
    # RFC 6238, appendix B, the last six of its eight digits
    assert matching_step(RFC_SECRET, digits, at_s * SECOND_US, 0) == at_s // 30


@pytest.mark.parametrize(("off", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_one_step_off(off: int, counts: bool) -> None:
    assert (matching_step(RFC_SECRET, code(RFC_SECRET, STEP + off), AT_US, 0) is not None) == counts


def test_a_code_of_a_step_that_was_used_or_of_one_before_counts_no_more() -> None:
    used = matching_step(RFC_SECRET, code(RFC_SECRET, STEP), AT_US, 0)
    assert used == STEP
    assert matching_step(RFC_SECRET, code(RFC_SECRET, STEP), AT_US, used) is None
    assert matching_step(RFC_SECRET, code(RFC_SECRET, STEP - 1), AT_US, used) is None
    assert matching_step(RFC_SECRET, code(RFC_SECRET, STEP + 1), AT_US, used) == STEP + 1


def test_spaces_within_a_code_are_forgiven() -> None:
    digits = code(RFC_SECRET, STEP)
    assert matching_step(RFC_SECRET, f" {digits[:3]} {digits[3:]} ", AT_US, 0) == STEP


@given(st.text(max_size=40))
def test_anything_else_is_wrong_and_nothing_worse(text: str) -> None:
    right = {code(RFC_SECRET, STEP + off) for off in (-1, 0, 1)}
    assert (matching_step(RFC_SECRET, text, AT_US, 0) is not None) == ("".join(text.split()) in right)


def test_secrets_are_new_each_time_and_long_enough() -> None:
    made = {totp.new_totp_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(len(base64.b32decode(secret)) == 20 for secret in made)


def test_the_app_is_told_who_and_where() -> None:
    uri = totp.provisioning_uri(RFC_SECRET, "lin", "城市运行中心")
    parsed = pyotp.parse_uri(uri)
    assert (parsed.name, parsed.issuer, parsed.secret) == ("lin", "城市运行中心", RFC_SECRET)


def test_recovery_codes_are_found_by_their_digest_however_they_are_typed() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    typed = codes[0].upper().replace("-", " ")
    assert totp.is_recovery(typed) and not totp.is_recovery("123456")
    assert totp.recovery_digest(typed) == totp.recovery_digest(codes[0])
    assert len({totp.recovery_digest(one) for one in codes}) == 10


def test_a_secret_at_rest_is_read_only_with_the_key_and_for_its_account() -> None:
    secrets = TotpSecrets(Keys(b"a" * 32))
    sealed = secrets.sealed(7, RFC_SECRET)
    assert RFC_SECRET.encode() not in sealed
    assert secrets.opened(7, sealed) == RFC_SECRET
    assert secrets.opened(8, sealed) is None
    assert TotpSecrets(Keys(b"b" * 32)).opened(7, sealed) is None
    assert secrets.opened(7, sealed[:-1]) is None
    assert secrets.opened(7, b"") is None
