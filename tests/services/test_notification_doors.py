"""Ways out of the center against real servers: mail, webhooks, drop folder; down, slow, refusing, not to be trusted."""

from __future__ import annotations

import hmac
import json
import ssl
import time
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from alerts.notification_text import Content
from alerts.notifying import Wanted
from ops_center.domain.errors import ConfigurationError, PeerUnavailable
from ops_center.domain.mail_server import MailServer
from ops_center.domain.time import ManualClock
from ops_center.services.bounded_http import BoundedHttp
from ops_center.services.notifications.door import Delivered, Failed, Refused
from ops_center.services.notifications.folder import Folder
from ops_center.services.notifications.mail import Mail
from ops_center.services.notifications.peers import Peer, address_of, is_allowed, read_peers
from ops_center.services.notifications.webhook import Webhook
from ops_center.store.notification_port import Notification
from tests.servers.certificates import Authority
from tests.servers.hooks import Hook, hook_server
from tests.servers.mail_servers import PASSWORD, USER, free_port, mail_server, silent_server

SENDER = "ops-center@city.example"
SECRET = "0123456789abcdef0123456789abcdef"
CLOCK = ManualClock()


def notification(**changed: Any) -> Notification:
    values: dict[str, Any] = {
        "key": "7/raised/3/duty/duty@city.example#1",
        "route": "duty",
        "route_version": 1,
        "channel": "mail",
        "target": "duty@city.example",
        "alarm": 7,
        "act": "raised",
        "due_us": 0,
        "content": Content("[高] 报警: 供水压力低", "时间: …\nlow pressure", {"alarm": 7}),
    }
    return Notification(1, Wanted(**{**values, **changed}), "sending", CLOCK.us, 1, "", 0)


def server(port: int, security: Any = "starttls", password: str = PASSWORD) -> MailServer:
    return MailServer("127.0.0.1", port, security, "" if security == "none" else USER, password)


# mail


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS"])
def test_mail_is_handed_over_encrypted_and_says_what_it_is(authority: Authority, implicit: bool) -> None:
    with mail_server(authority.issue("127.0.0.1"), implicit=implicit) as box:
        door = Mail(server(box.port, "tls" if implicit else "starttls"), SENDER, trust=authority.trusted())
        assert door.send(notification()) == Delivered("250 accepted")
        assert isinstance(door.send(notification()), Delivered)
    first, second = box.mails
    assert (first["From"], first["To"]) == (SENDER, "duty@city.example")
    assert first["Subject"] == "[高] 报警: 供水压力低" and "low pressure" in first.get_content()
    assert first["Message-ID"] == second["Message-ID"], "by which a mail program sees that it is the same"
    assert first["Auto-Submitted"] == "auto-generated"


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_password(authority: Authority) -> None:
    with mail_server(authority.issue("127.0.0.1")) as box:
        assert isinstance(Mail(server(box.port), SENDER).send(notification()), Failed)
    with mail_server(authority.issue("another.example")) as other:
        door = Mail(server(other.port), SENDER, trust=authority.trusted())
        assert door.send(notification()) == Failed("the mail server fails (SSLCertVerificationError)")
    assert box.mails == other.mails == []


def test_a_server_that_offers_no_encryption_gets_nothing(authority: Authority) -> None:
    with mail_server(None) as box:
        door = Mail(server(box.port), SENDER, trust=authority.trusted())
        assert door.send(notification()) == Failed("the mail server fails (SMTPNotSupportedError)")
    assert box.mails == []


@pytest.mark.parametrize(
    ("refuse", "outcome"),
    [
        ({"refuse_recipient": "550 no such box"}, Refused("550 the recipient is refused")),
        ({"refuse_recipient": "451 try later"}, Failed("451 the recipient is refused for now")),
        ({"refuse_mail": "554 spam"}, Refused("554 the mail is refused")),
        ({"refuse_mail": "452 full"}, Failed("452 the mail is refused for now")),
    ],
)
def test_what_is_refused_for_good_is_told_from_what_may_go_later(refuse: dict[str, str], outcome: Any) -> None:
    with mail_server(None) as box:
        for name, value in refuse.items():
            setattr(box, name, value)
        assert Mail(server(box.port, "none"), SENDER).send(notification()) == outcome


def test_a_password_that_is_not_right_is_no_reason_to_give_the_mail_up(authority: Authority) -> None:
    with mail_server(authority.issue("127.0.0.1")) as box:
        door = Mail(server(box.port, password="wrong"), SENDER, trust=authority.trusted())
        assert door.send(notification()) == Failed("535 SMTPAuthenticationError")


def test_a_server_that_is_away_or_never_answers_costs_little_time() -> None:
    assert isinstance(Mail(server(free_port()), SENDER).send(notification()), Failed)
    for says in (b"", b"220-still here\r\n", b"x"):
        with silent_server(says) as port:
            began_s = time.monotonic()
            assert isinstance(Mail(server(port), SENDER, within_s=0.5).send(notification()), Failed)
            assert time.monotonic() - began_s < 8


def test_nothing_that_is_said_can_become_a_field_or_another_recipient() -> None:
    said = Content("x\r\nBcc: all@city.example\r\n\r\nboo", "body\r\n.\r\nMAIL FROM:<x@y>\r\n", {})
    with mail_server(None) as box:
        door = Mail(server(box.port, "none"), SENDER)
        assert isinstance(door.send(notification(content=said)), Delivered)
        for target in ("duty@city.example\r\nBcc: all@city.example", "duty@city.example, all@city.example", "<>", ""):
            assert isinstance(door.send(notification(target=target)), Refused)
    assert box.recipients == [["duty@city.example"]]
    (mail,) = box.mails
    assert mail["Bcc"] is None and mail["Subject"] == "x Bcc: all@city.example boo"
    assert "MAIL FROM:<x@y>" in mail.get_content()


def test_mail_goes_to_the_domains_that_it_may_go_to_alone() -> None:
    with mail_server(None) as box:
        door = Mail(server(box.port, "none"), SENDER, frozenset({"city.example"}))
        assert isinstance(door.send(notification(target="duty@CITY.example")), Delivered)
        assert isinstance(door.send(notification(target="duty@elsewhere.example")), Refused)
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://a:b@[",
        "smtp+plain://u:hunter2@mail.example",
        "smtp://m/x",
    ],
)
def test_an_address_of_no_mail_server_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ConfigurationError, match="OPS_SMTP_URL") as caught:
        MailServer.parse(address)
    assert "hunter2" not in str(caught.value)


def test_an_address_of_a_mail_server_is_read() -> None:
    read = MailServer.parse("smtps://ops%40city:p%40ss@mail.example")
    assert read == MailServer("mail.example", 465, "tls", "ops@city", "p@ss") and "p@ss" not in repr(read)
    assert MailServer.parse("smtp+plain://127.0.0.1:2525").is_safe
    assert not MailServer.parse("smtp+plain://mail.example").is_safe


# webhooks


def webhook(hook: Hook, scheme: str = "http", trust: ssl.SSLContext | None = None, within_s: float = 5.0) -> Webhook:
    peers = {"duty": Peer(f"{scheme}://127.0.0.1:{hook.port}/told?by=us", SECRET)}
    return Webhook(peers, BoundedHttp(within_s=within_s, trust=trust), CLOCK)


def told(**changed: Any) -> Notification:
    return notification(**{"channel": "webhook", "target": "duty", **changed})


def test_a_webhook_is_signed_and_says_which_it_is() -> None:
    with hook_server() as hook:
        assert webhook(hook).send(told()) == Delivered("HTTP 200")
    ((path, headers, body),) = hook.asked
    at, signed = (part.partition("=")[2] for part in headers["ops-signature"].split(","))
    assert signed == hmac.new(SECRET.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    assert int(at) == CLOCK.us // 1_000_000 and path == "/told?by=us"
    assert headers["host"] == f"127.0.0.1:{hook.port}" and len(headers["ops-notification"]) == 40
    assert json.loads(body)["facts"] == {"alarm": 7} and "报警" in json.loads(body)["subject"]


def test_a_webhook_is_told_of_a_warning_by_the_message_itself() -> None:
    with hook_server() as hook:
        said = Content("x", "x", {"cap": "<alert/>", "identifier": "w"})
        assert isinstance(webhook(hook).send(told(act="warning", content=said)), Delivered)
    ((_, headers, body),) = hook.asked
    assert (headers["content-type"], body) == ("application/cap+xml", b"<alert/>")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(204, Delivered), (500, Failed), (503, Failed), (429, Failed), (408, Failed), (404, Refused), (401, Refused)],
)
def test_the_status_decides(status: int, outcome: type) -> None:
    with hook_server() as hook:
        hook.status = status
        assert type(webhook(hook).send(told())) is outcome


def test_a_redirect_leads_nowhere() -> None:
    with hook_server() as hook, hook_server() as inside:
        hook.status, hook.headers = 307, {"location": f"http://127.0.0.1:{inside.port}/secret"}
        assert webhook(hook).send(told()) == Refused("HTTP 307, redirects are not followed")
    assert inside.asked == []


def test_a_peer_is_believed_by_its_certificate(authority: Authority) -> None:
    with hook_server(authority.issue("127.0.0.1")) as hook:
        assert isinstance(webhook(hook, "https", authority.trusted()).send(told()), Delivered)
        assert webhook(hook, "https").send(told()) == Failed("no answer (ConnectError)")
    with hook_server(authority.issue("another.example")) as other:
        assert isinstance(webhook(other, "https", authority.trusted()).send(told()), Failed)
    assert len(hook.asked) == 1 and other.asked == []


def test_the_name_is_what_the_certificate_is_checked_for_though_an_address_is_asked(authority: Authority) -> None:
    with hook_server(authority.issue("localhost")) as hook:
        http = BoundedHttp(trust=authority.trusted())
        good = Webhook({"duty": Peer(f"https://localhost:{hook.port}/", SECRET)}, http, CLOCK)
        assert isinstance(good.send(told()), Delivered)
        assert hook.asked[0][1]["host"] == f"localhost:{hook.port}"


def test_a_peer_that_is_away_or_never_answers_costs_little_time() -> None:
    gone = Hook(free_port())
    assert isinstance(webhook(gone).send(told()), Failed)
    for says in (b"", b"HTTP/1.1 200 OK\r\nx: y\r\n"):
        with silent_server(says) as port:
            began_s = time.monotonic()
            outcome = webhook(Hook(port), within_s=0.5).send(told())
            assert isinstance(outcome, Failed) and time.monotonic() - began_s < 20


def test_an_answer_without_an_end_is_not_read_to_it() -> None:
    with hook_server() as hook:
        hook.body = b"x" * 50_000_000
        began_s = time.monotonic()
        assert isinstance(webhook(hook).send(told()), Delivered)
        assert time.monotonic() - began_s < 5


def test_a_name_that_no_setting_knows_is_told_nothing() -> None:
    assert webhook(Hook(1)).send(told(target="stranger")) == Failed(
        "no webhook of this name is set (OPS_WEBHOOKS_FILE)"
    )


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("203.0.113.7", True),
        ("10.1.2.3", True),
        ("192.168.1.5", True),
        ("fd12::1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("169.254.169.254", False),
        ("::ffff:169.254.169.254", False),
        ("fe80::1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::", False),
    ],
)
def test_where_no_peer_may_be_nothing_is_asked(address: str, allowed: bool) -> None:
    assert is_allowed(ip_address(address), loopback=False) == allowed


def test_a_name_that_leads_to_the_inside_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = [(2, 1, 6, "", ("169.254.169.254", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **more: inside)
    with pytest.raises(PeerUnavailable, match="where no peer may be"):
        address_of("https://peer.example/")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[webhook.a]\nurl = 'https://a.example/'\nsecret = 'hunter2'", "secret"),
        (f"[webhook.a]\nurl = 'http://a.example/'\nsecret = '{SECRET}'", "https:// is wanted"),
        (f"[webhook.a]\nurl = 'https://u:p@a.example/'\nsecret = '{SECRET}'", "without a user"),
        (f"[webhook.a]\nurl = 'file:///etc/passwd'\nsecret = '{SECRET}'", "https"),
        (f"[webhook.'a b']\nurl = 'https://a.example/'\nsecret = '{SECRET}'", "webhook"),
        (f"[mail.a]\nsecret = '{SECRET}'", "mail"),
        (f"secret = {SECRET}", "no TOML"),
    ],
)
def test_a_file_of_peers_that_can_t_be_meant_is_refused_without_its_secrets(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "webhooks.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="OPS_WEBHOOKS_FILE") as caught:
        read_peers(file)
    assert said in str(caught.value) and SECRET not in str(caught.value) and "hunter2" not in str(caught.value)


def test_a_peer_does_not_show_its_secret(tmp_path: Path) -> None:
    file = tmp_path / "webhooks.toml"
    file.write_text(f"[webhook.duty]\nurl = 'https://duty.example/hook'\nsecret = '{SECRET}'\n")
    peers = read_peers(file)
    assert peers["duty"].url == "https://duty.example/hook" and SECRET not in repr(peers)


# the drop folder


def test_a_warning_appears_in_the_folder_whole_and_once(tmp_path: Path) -> None:
    said = Content("x", "x", {"cap": "<alert>大</alert>", "identifier": "../city/w-1"})
    door = Folder(tmp_path)
    for _ in range(2):
        assert door.send(notification(act="warning", content=said)) == Delivered("city-w-1.xml")
    assert [file.name for file in tmp_path.iterdir()] == ["city-w-1.xml"]
    assert (tmp_path / "city-w-1.xml").read_text("utf-8") == "<alert>大</alert>"
    assert isinstance(door.send(notification()), Refused), "alarms are not dropped there"
    assert isinstance(Folder(tmp_path / "gone").send(notification(act="warning", content=said)), Failed)
