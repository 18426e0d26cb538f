/* The theme of every page: loaded first and alone in the head, so that nothing is ever painted in the wrong one.

   opsCenter.theme: current() → "dark" | "light"; set(theme) remembers it in this browser and changes everything at once:
   style sheets follow data-theme on <html>, Mantine its own attribute, and what draws by itself (maps, canvases) hears
   the event "ops-center-theme" on document and asks color(name) for a variable of assets/theme.css. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const root = document.documentElement;
  const KEY = "ops-center.theme";
  const LIBRARY_KEY = "mantine-color-scheme-value";
  const known = (theme) => (theme === "light" || theme === "dark" ? theme : null);

  function remembered() {
    try {
      return known(localStorage.getItem(KEY));
    } catch (error) {
      return null; // a browser without storage starts dark each time
    }
  }

  function keep(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch (error) {
      // nothing is lost but the habit
    }
  }

  function wear(theme) {
    root.dataset.theme = theme;
    root.setAttribute("data-mantine-color-scheme", theme);
    root.setAttribute("data-ag-theme-mode", theme);
    keep(LIBRARY_KEY, theme);
    // Mantine listens for what other tabs store; this is the only door to it that needs no property of a component.
    window.dispatchEvent(new StorageEvent("storage", { key: LIBRARY_KEY, newValue: theme, storageArea: storage() }));
    document.dispatchEvent(new CustomEvent("ops-center-theme", { detail: theme }));
  }

  function storage() {
    try {
      return localStorage;
    } catch (error) {
      return null;
    }
  }

  center.theme = {
    current: () => root.dataset.theme,
    set(theme) {
      if (!known(theme)) return;
      keep(KEY, theme);
      wear(theme);
    },
    color: (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim(),
  };

  const asked = known(new URLSearchParams(location.search).get("theme"));
  if (asked) keep(KEY, asked); // a display has no menu: its address says it once
  wear(asked || remembered() || "dark");

  window.addEventListener("storage", (event) => event.key === KEY && known(event.newValue) && wear(event.newValue));
  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-act="theme"]')) center.theme.set(center.theme.current() === "light" ? "dark" : "light");
  });
})();
