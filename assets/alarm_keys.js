/* The keys of the alarm list: which command, which move, and what the help says of them. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const ACTS = { a: "acknowledge", A: "acknowledge_all", s: "shelve", S: "unshelve", o: "out_of_service", O: "in_service", r: "reset", c: "comment", g: "assign", f: "attach" };
  const KEYS_OF = Object.fromEntries(Object.entries(ACTS).map(([key, act]) => [act, key]));
  const MOVES = {
    ArrowDown: (page, event) => page.rows.move(1, event.shiftKey),
    ArrowUp: (page, event) => page.rows.move(-1, event.shiftKey),
    j: (page) => page.rows.move(1),
    k: (page) => page.rows.move(-1),
    J: (page) => page.rows.move(1, true),
    K: (page) => page.rows.move(-1, true),
    PageDown: (page) => page.rows.move(page.rows.page()),
    PageUp: (page) => page.rows.move(-page.rows.page()),
    Home: (page) => page.rows.move(-Infinity),
    End: (page) => page.rows.move(Infinity),
    " ": (page) => page.rows.cursor !== null && page.rows.toggle(page.rows.cursor),
    "*": (page) => page.selectAll(),
    Enter: (page) => page.rows.cursor !== null && page.open(page.rows.cursor),
    ArrowRight: (page) => !page.unfolded.has(page.rows.cursor) && page.unfold(page.rows.cursor),
    ArrowLeft: (page) => page.unfolded.has(page.rows.cursor) && page.unfold(page.rows.cursor),
    e: (page) => page.unfold(page.rows.cursor),
    "/": (page) => page.filter.search.select(),
    ".": (page) => page.release(),
    m: (page) => page.sound.silence(),
    u: (page) => page.commands.undo && page.commands.undo(),
    Escape: (page) => page.escape(),
    "?": (page) => page.help(),
  };
  const HELP = {
    "j k ↑ ↓": "key_move", "Space *": "key_select", "Shift+↓": "key_extend", Enter: "key_card", "→ ← e": "key_fold", "/": "search", ".": "take_in",
    a: "act_acknowledge", A: "act_acknowledge_all", s: "act_shelve", S: "act_unshelve", o: "act_out_of_service", O: "act_in_service", r: "act_reset",
    c: "act_comment", g: "act_assign", f: "act_attach", u: "undo", m: "key_silence", Esc: "key_escape", "?": "keys",
  };

  center.alarmKeys = { ACTS, KEYS_OF, MOVES, HELP };
})();
