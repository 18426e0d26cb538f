"""Every statement that the store sends is written down in its code: values travel beside it, never inside.

Read from the source: what is given to ``execute``, ``executemany`` and ``copy`` is a literal, a constant of a module, a
composition of ``psycopg.sql`` (which quotes), or one of the exemptions below, each with its reason. What a function is
given as an argument is judged where it is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STORE = ROOT / "ops_center" / "store"
HYPERTABLE = (
    """f"SELECT create_hypertable('{table}', '{column}', chunk_time_interval => interval '{chunk}', """
    """create_default_indexes => false)\""""
)
TREES = [ast.parse(file.read_text()) for file in sorted(STORE.rglob("*.py"))]
SENDING = {"execute", "executemany", "copy", "stream"}

EXEMPT = {
    ("copying.py", "shape.copy_sql"): "made of the tables and columns of the Shapes beside it, which are constants",
    ("retention.py", "statement.encode()"): "table and column come from the constant _TABLES beside it",
    ("migrations/helpers.py", "f'SET LOCAL search_path TO {schema}, center, public'"): "one of REALM_SCHEMAS above it",
    ("migrations/helpers.py", "statement"): "a part of what a migration wrote down, cut at its blank lines",
    ("migrations/helpers.py", "text(query)"): "called in the lines above it, with constants",
    ("migrations/helpers.py", HYPERTABLE): "called by migrations alone, with names that are written there",
}
"""(file, what is sent) → why it can hold nothing from outside"""


@dataclass(frozen=True)
class Sent:
    """One call, and the function around it."""

    file: str
    line: int
    statement: ast.expr
    around: ast.AST

    @property
    def text(self) -> str:
        return ast.unparse(self.statement)


def calls(source: str, file: str) -> Iterator[Sent]:
    """Every call that sends a statement, with the innermost function that holds it."""

    def walk(node: ast.AST, around: ast.AST) -> Iterator[Sent]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            around = node
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in SENDING
            and node.args
        ):
            yield Sent(file, node.lineno, node.args[0], around)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, around)

    tree = ast.parse(source)
    return walk(tree, tree)


def is_written_down(node: ast.expr, around: ast.AST, seen: frozenset[str] = frozenset()) -> bool:
    """Whether the expression can hold nothing but what the code says."""

    def all_are(parts: Iterable[ast.expr]) -> bool:
        return all(is_written_down(part, around, seen) for part in parts)

    match node:
        case ast.Constant(value=str() | bytes()):
            found = True
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name) if is_constant_name(name):
            found = True
        case ast.Subscript(value=ast.Name(id=name)):
            found = is_constant_name(name)  # one of a table of constants
        case ast.Name(id=name) if name not in seen:
            found = is_given(name, around, seen | {name})
        case ast.JoinedStr(values=parts):
            found = all_are(part.value if isinstance(part, ast.FormattedValue) else part for part in parts)
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.Add(), right=other):
            found = all_are((one, other))
        case ast.Call(func=ast.Attribute(value=value, attr="encode" | "replace"), args=args):
            found = all_are((value, *args))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="sql"), attr="SQL"), args=[text]):
            found = all_are([text])
        case ast.Call(func=ast.Attribute(value=ast.Call() as composed, attr="format"), args=args, keywords=named):
            parts = (*args, *(keyword.value for keyword in named if keyword.arg))
            found = all_are([composed]) and all(
                is_quoted(part) or is_written_down(part, around, seen) for part in parts
            )
        case _:
            found = False
    return found


def is_quoted(node: ast.expr) -> bool:
    """Whether psycopg quotes this part of a composition."""
    return ast.unparse(node).startswith(("sql.Identifier(", "sql.Literal(", "sql.Placeholder("))


def is_given(name: str, around: ast.AST, seen: frozenset[str]) -> bool:
    """Whether all that a function's own name can hold is written down: what it assigns, or what callers pass."""
    values = assigned(name, around)
    if values:
        return all(is_written_down(value, around, seen) for value in values)
    if not isinstance(around, ast.FunctionDef):
        return False
    names = [argument.arg for argument in around.args.args]
    passed = [*passed_to(around.name, names.index(name))] if name in names else []
    return bool(passed) and all(is_written_down(value, caller) for value, caller in passed)


def passed_to(function: str, place: int) -> Iterator[tuple[ast.expr, ast.AST]]:
    """What every caller in the store passes to a function at a place, with the function that calls."""
    for tree in TREES:
        for caller in ast.walk(tree):
            if isinstance(caller, ast.FunctionDef) and caller.name != function:
                for node in ast.walk(caller):
                    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == function:
                        yield (node.args[place] if place < len(node.args) else ast.Constant(None)), caller


def is_constant_name(name: str) -> bool:
    return name.upper() == name and name.strip("_") != ""


def assigned(name: str, around: ast.AST) -> list[ast.expr]:
    """What a function gives to one of its own names; nothing for an argument."""
    return [
        node.value
        for node in ast.walk(around)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]


def sent_by_the_store() -> list[Sent]:
    return [
        sent
        for file in sorted(STORE.rglob("*.py"))
        for sent in calls(file.read_text(), str(file.relative_to(STORE)))
        if not (sent.text == "" or (isinstance(sent.statement, ast.Constant) and sent.statement.value is None))
    ]


@pytest.mark.parametrize("sent", sent_by_the_store(), ids=lambda sent: f"{sent.file}:{sent.line}")
def test_it_is_written_down(sent: Sent) -> None:
    reason = EXEMPT.get((sent.file, sent.text))
    assert is_written_down(sent.statement, sent.around) or reason, f"{sent.file}:{sent.line} sends {sent.text}"


def test_every_exemption_is_still_needed() -> None:
    needed = {(s.file, s.text) for s in sent_by_the_store() if not is_written_down(s.statement, s.around)}
    assert set(EXEMPT) <= needed
    assert all(len(reason) > 20 for reason in EXEMPT.values())


def test_nobody_else_sends_statements() -> None:
    others = [path for path in (ROOT / "ops_center").rglob("*.py") if STORE not in path.parents]
    found = [f"{path}: {sent.text}" for path in others for sent in calls(path.read_text(), path.name)]
    assert [line for line in found if "execute" in line or "SELECT" in line] == []


@pytest.mark.parametrize(
    "code",
    [
        "def f(c, x): c.execute(x)",
        "def f(c, x): c.execute(f'SELECT {x}')",
        "def f(c, x): c.execute('SELECT ' + x)",
        "def f(c, x): c.execute('SELECT %s' % x)",
        "def f(c, x): c.execute('SELECT {}'.format(x))",
        "def f(c, x):\n    q = 'SELECT'\n    q = q + x\n    c.execute(q)",
        "def f(c, x): c.execute(sql.SQL(x))",
        "def f(c, x): c.execute(sql.SQL('SELECT {}').format(x))",
        "def f(c, x): c.execute(sql.SQL('SELECT {}').format(sql.SQL(x)))",
        "def f(c, x):\n    with c.copy(f'COPY {x} FROM STDIN') as copy: pass",
        "def f(c, x): c.executemany(x.lower(), [])",
    ],
)
def test_what_is_put_together_is_noticed(code: str) -> None:
    """Without this, the test above could not fail."""
    assert [is_written_down(sent.statement, sent.around) for sent in calls(code, "x")] == [False]
