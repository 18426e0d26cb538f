"""A situation report on paper: the same document as the page, as HTML and, by WeasyPrint, as PDF with its fonts inside.

Everything that people wrote is escaped, and nothing is fetched: what a text looks like an address of stays a text.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from html import escape
from typing import Any

from ops_center.domain.errors import OpsCenterError
from ops_center.incidents.report_document import Document, Section, Table

_STYLE = """
@page { size: A4; margin: 16mm 15mm 18mm; font-size: 8pt; color: #555 }
@page { @bottom-left { content: string(foot) } @bottom-right { content: counter(page) " / " counter(pages) } }
html { font-family: "Noto Sans CJK SC", "Noto Sans SC", sans-serif; font-size: 9.5pt; line-height: 1.5 }
html { color: #16222e }
body { margin: 0 }
.kicker { margin: 0; font-size: 10pt; color: #0b5785; letter-spacing: .04em }
h1 { margin: 1mm 0 1mm; font-size: 19pt; line-height: 1.25; overflow-wrap: anywhere }
.state { margin: 0 0 3mm; padding-bottom: 3mm; border-bottom: 1.2pt solid #16222e; string-set: foot content() }
.banner { margin: 0 0 3mm; padding: 1.5mm 3mm; border: 1.2pt solid #8f6400; background: #fff5d6; font-weight: bold }
h2 { margin: 5mm 0 2mm; font-size: 12.5pt; border-left: 3pt solid #0b69a3; padding-left: 2.5mm; break-after: avoid }
p { margin: 0 0 1.5mm; overflow-wrap: anywhere }
dl { margin: 0 0 2mm; columns: 2; column-gap: 8mm; break-inside: avoid }
dl div { break-inside: avoid; padding: .6mm 0; border-bottom: .4pt solid #ccd5dd }
dt { display: inline-block; width: 26mm; vertical-align: top; color: #4f6275 }
dd { display: inline-block; width: 55mm; margin: 0; overflow-wrap: anywhere }
table { width: 100%; border-collapse: collapse; font-size: 8.5pt }
th { text-align: left; padding: 1mm 1.5mm; background: #e6edf3; border-bottom: .8pt solid #4f6275 }
td { padding: 1mm 1.5mm; vertical-align: top; border-bottom: .4pt solid #ccd5dd; overflow-wrap: anywhere }
tr { break-inside: avoid }
tr.late td { background: #fdecee }
tr.late td:first-child { border-left: 2.5pt solid #c0182f }
thead { display: table-header-group }
figure { margin: 0 } figure svg { width: 100%; height: auto; border: .6pt solid #8fa3b8 }
"""
_STYLES_OF_PAGES = (
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<script src="/assets/entry/theme.js"></script><link rel="stylesheet" href="/assets/theme.css">'
)
"""a page's colours, as its reader wears them; the paper stays paper"""
_ON_SCREEN = """
@media screen {
  body { background: var(--ground); font-size: 15px }
  main { box-sizing: border-box; max-width: 64rem; margin: 1.2rem auto; padding: 2.2rem 2.6rem; background: #fff }
  main table { font-size: 13px }
  .bar { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: .8rem; align-items: center }
  .bar { padding: .6rem 1.2rem; background: var(--bar); color: var(--text); border-bottom: 1px solid var(--edge) }
  .bar a { color: var(--accent-text) } .bar .now { font-weight: bold; text-decoration: none; color: var(--bright) }
  .bar form { display: flex; align-items: center; gap: .6rem; margin-left: auto }
  .bar textarea { width: 22rem; max-width: 100%; height: 2.5rem; padding: .4rem .6rem; box-sizing: border-box }
  .bar textarea, .bar button { font: inherit; border: 1px solid var(--line); border-radius: .35rem }
  .bar textarea { color: var(--text); background: var(--field) }
  .bar button { padding: .4rem 1.2rem; cursor: pointer; font-weight: bold }
  .bar button { color: var(--on-accent); background: var(--accent) }
  .bar :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
}
@media print { .bar { display: none } html { color-scheme: light !important } body { background: #fff } }
"""
_ONE_AT_A_TIME = threading.Semaphore(2)
"""a print takes a core for a second or two: more at once would take the pages their time"""
_PATIENCE_S = 20.0


class NoPrint(OpsCenterError):
    """A PDF can't be made here and now; says why."""


def as_html(document: Document, picture: str, bar: str = "") -> str:
    """Return a report as a whole HTML document; ``picture``, ``bar``: SVG and HTML of our own making."""
    head = [f'<p class="kicker">{escape(document.kicker)}</p>', f"<h1>{escape(document.title)}</h1>"]
    if document.banner:
        head.insert(0, f'<p class="banner">{escape(document.banner)}</p>')
    head.append(f'<p class="state">{escape(document.state)}</p>')
    sections = (_section(one, picture) for one in document.sections)
    language = "zh-CN" if document.language == "zh" else "en"
    style = f"{_STYLES_OF_PAGES}<style>{_STYLE}{_ON_SCREEN}</style>" if bar else f"<style>{_STYLE}</style>"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(document.title)}</title>'
        f"{style}</head>"
        f'<body>{bar}<main id="report">{"".join(head)}{"".join(sections)}</main></body></html>'
    )


def as_pdf(document: Document, picture: str) -> bytes:
    """Return a report as PDF. Raises NoPrint where the machine lacks what it takes, or is busy printing."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise NoPrint("PDF wants Pango: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0") from error
    if not _ONE_AT_A_TIME.acquire(timeout=_PATIENCE_S):
        raise NoPrint("others print at this moment", retriable=True)
    try:
        printed: bytes = HTML(string=as_html(document, picture), url_fetcher=_nothing).write_pdf()
    finally:
        _ONE_AT_A_TIME.release()
    return printed


def _nothing(url: str, *_given: Any, **_more: Any) -> Any:
    raise ValueError(f"a report fetches nothing: {url[:80]}")


def _section(one: Section, picture: str) -> str:
    body = [f"<p>{escape(text)}</p>" for text in one.text]
    if one.facts:
        pairs = (f"<div><dt>{escape(fact.name)}</dt><dd>{escape(fact.value)}</dd></div>" for fact in one.facts)
        body.append(f"<dl>{''.join(pairs)}</dl>")
    if one.id == "map":
        body.append(f'<figure role="img" aria-label="{escape(one.title)}">{picture}</figure>')
    if one.table is not None:
        body.append("".join(_table(one.table)))
    return f'<section class="{escape(one.id)}"><h2>{escape(one.title)}</h2>{"".join(body)}</section>'


def _table(table: Table) -> Iterator[str]:
    heads = "".join(f"<th>{escape(head)}</th>" for head in table.heads)
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    for row in table.rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row.cells)
        yield f'<tr class="{row.mark}">{cells}</tr>'
    yield "</tbody></table>"
