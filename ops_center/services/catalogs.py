"""Translation catalogs in the standard form (gettext .pot and .po): made of the labels of the code, read, and checked.

``msgctxt`` is the Chinese form of a text and ``msgid`` the English one: together they say which text it is. What code
fills in stands as ``{0}``, ``{1}`` in the order of the form.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.text import LANGUAGES, Language
from ops_center.domain.wording import Worded, Wording, places

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("ops_center", "feeds", "layers", "alerts")
SHIPPED = ROOT / "ops_center" / "locale"
DOMAIN = "ops_center"


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text of the code in both forms."""

    zh: str
    en: str


def texts_of_code(root: Path = ROOT) -> Mapping[Text, tuple[str, ...]]:
    """Return every label of the code → the files that have it."""
    found: dict[Text, set[str]] = {}
    for room in ROOMS:
        for file in sorted((root / room).rglob("*.py")):
            for text in _texts(ast.parse(file.read_text("utf-8"))):
                found.setdefault(text, set()).add(file.relative_to(root).as_posix())
    return {text: tuple(sorted(files)) for text, files in sorted(found.items())}


def template(texts: Mapping[Text, tuple[str, ...]]) -> bytes:
    """Return the template (.pot) that a translator starts from."""
    return _written(texts, None)


def catalog(texts: Mapping[Text, tuple[str, ...]], language: Language) -> bytes:
    """Return the catalog (.po) of a language, worded as the code is."""
    return _written(texts, language)


def files(texts: Mapping[Text, tuple[str, ...]], folder: Path) -> Mapping[Path, bytes]:
    """Return path → content of everything that ships."""
    made = {path_of(folder, language): catalog(texts, language) for language in LANGUAGES}
    return {folder / f"{DOMAIN}.pot": template(texts), **made}


def path_of(folder: Path, language: Language) -> Path:
    """Return where the catalog of a language lies, as gettext has it."""
    return folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(folder: Path) -> list[Worded]:
    """Return what the catalogs of a folder say. Raises ConfigurationError: there are none, or one can't be read."""
    there = [(language, path) for language in LANGUAGES if (path := path_of(folder, language)).is_file()]
    if not there:
        raise ConfigurationError(f"no catalog in {folder}: expected zh/LC_MESSAGES/{DOMAIN}.po or en/…")
    return [one for language, path in there for one in _read(path, language)]


def installed(folder: Path) -> Wording:
    """Return the wording of a folder of catalogs; what they don't say is said as the code has it."""
    return Wording(read(folder))


def faults(said: Iterable[Worded], texts: Iterable[Text]) -> Iterator[str]:
    """Say what is wrong with wording: of what the code doesn't have, or with places that its form doesn't have."""
    known = set(texts)
    for one in said:
        if Text(one.zh, one.en) not in known:
            yield f"{one.language}: nothing says “{one.written}” any more"
        elif one.text and not places(one.text) <= places(one.written):
            yield f"{one.language}: “{one.text}” fills in what “{one.written}” doesn't have"


def _read(path: Path, language: Language) -> list[Worded]:
    try:
        with path.open("rb") as file:
            messages = list(pofile.read_po(file, locale=language, abort_invalid=True))
    except (OSError, ValueError, pofile.PoFileError) as error:
        raise ConfigurationError(f"{path} can't be read: {error}") from error
    return [
        Worded(str(message.context), str(message.id), language, str(message.string))
        for message in messages
        if message.id and message.context
    ]


def _written(texts: Mapping[Text, tuple[str, ...]], language: Language | None) -> bytes:
    made = Catalog(locale=language, domain=DOMAIN, project="City Operations Center", charset="utf-8", fuzzy=False)
    made.header_comment = "# Texts of the City Operations Center. Made by `run.py text extract`; see docs/languages.md."
    for text, where in texts.items():
        said = "" if language is None else text.zh if language == "zh" else text.en
        made.add(text.en, said, locations=[(file, 0) for file in where], context=text.zh)
    out = io.BytesIO()
    pofile.write_po(out, made, width=0, include_lineno=False, sort_output=False, omit_header=True)
    head = f'{made.header_comment}\nmsgid ""\nmsgstr ""\n"Language: {language or ""}\\n"\n'
    head += (
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return head.encode() + out.getvalue()


def _texts(tree: ast.AST) -> Iterator[Text]:
    """Find ``Label("…", "…")`` and ``{"zh": "…", "en": "…"}``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Label":
            named = {word.arg: word.value for word in node.keywords}
            zh, en = [*node.args[:2], *(named[name] for name in ("zh", "en") if name in named), None, None][:2]
        elif isinstance(node, ast.Dict):
            items = {_literal(key): value for key, value in zip(node.keys, node.values, strict=True)}
            zh, en = items.get("zh"), items.get("en")
        else:
            continue
        forms = _form(zh), _form(en)
        if forms[0] and forms[1]:
            yield Text(forms[0], forms[1])


def _literal(node: ast.AST | None) -> str:
    """Return the text of a literal; "" of anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _form(node: ast.AST | None) -> str | None:
    """Return a form of a text with its places; None for what only running code knows, or what is filled in alone."""
    if not isinstance(node, ast.JoinedStr):
        return _literal(node) if _literal(node).strip() else None
    numbers = count()
    parts = [_literal(part) if isinstance(part, ast.Constant) else f"{{{next(numbers)}}}" for part in node.values]
    return "".join(parts) if any(_literal(part).strip() for part in node.values) else None
