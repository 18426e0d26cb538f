/* The groups of pages in the line at the top: one open at a time, walked by keyboard as menus are. They open and close
   without this script too (ops_center/screens/navigation.py: <details>).

   ← →  from group to group, an open one hands over to the next;  ↓  opens, and walks;  ↑ Home End  walk;  Esc  closes. */
(function () {
  "use strict";
  const stops = () => [...document.querySelectorAll("#pages > a, #pages > details > summary")];
  const open = () => document.querySelector("#pages > details[open]");
  const links = (group) => [...group.querySelectorAll("a")];

  function close(group, back) {
    if (!group) return;
    group.open = false;
    if (back) group.querySelector("summary").focus();
  }

  function unfold(group) {
    if (open() !== group) close(open());
    group.open = true;
  }

  /* To the stop beside: open if the one before was. */
  function aside(from, step) {
    const all = stops();
    const next = all[(all.indexOf(from) + step + all.length) % all.length];
    const was = open();
    close(was);
    next.focus();
    if (was && next.matches("summary")) unfold(next.parentElement);
  }

  function walk(group, link, key) {
    const all = links(group);
    const at = all.indexOf(link);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? all.length - 1 : at - 1, Home: 0, End: all.length - 1 }[key];
    unfold(group);
    all[(to + all.length) % all.length].focus();
  }

  function pressed(event) {
    const here = event.target.closest("#pages a, #pages summary");
    if (!here || event.ctrlKey || event.altKey || event.metaKey) return;
    const group = here.closest("details");
    const top = group ? group.querySelector("summary") : here;
    if (event.key === "Escape" && open()) close(open(), true);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") aside(top, event.key === "ArrowLeft" ? -1 : 1);
    else if (group && ["ArrowDown", "ArrowUp"].includes(event.key)) walk(group, here, event.key);
    else if (group && group.open && ["Home", "End"].includes(event.key)) walk(group, here, event.key);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page's own keys are not meant
  }

  document.addEventListener("keydown", pressed, { capture: true });
  document.addEventListener("click", (event) => {
    const group = event.target.closest("#pages > details");
    if (open() !== group) close(open());
    if (event.target.closest("#pages a")) close(group);
  }, { capture: true });
  document.addEventListener("focusin", (event) => open() && !open().contains(event.target) && close(open()));
  /* While one is open the pointer leads to the others, as in every bar of menus. */
  document.addEventListener("pointerover", (event) => {
    const summary = event.pointerType === "mouse" && open() && event.target.closest("#pages > details > summary");
    if (summary) unfold(summary.parentElement);
  });
})();
