/* What HTML cannot do alone: theme, keys, copying, picking rows, the side panel, fresh relative times.
   Everything listens on document, so what htmx swaps in later works too.  Without this file every page still works. */
"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const stored = (name, value) => {
    try { return value === undefined ? localStorage.getItem(name) : localStorage.setItem(name, value); } catch { return null; }
  };
  root.classList.add("js");

  // Theme: the cookie lets the server write data-theme, so a page never flashes.
  const theme = () => root.dataset.theme || "system";
  const showTheme = () => all("[data-set-theme]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.setTheme === theme())));
  const setTheme = (name) => {
    if (name === "system") delete root.dataset.theme; else root.dataset.theme = name;
    const age = name === "system" ? 0 : 31536000;
    document.cookie = `theme=${name};path=/;max-age=${age};samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
    showTheme();
  };

  // Relative times: the same words as posture/templatetags/atoms.py.
  const UNITS = [[86400, "day"], [3600, "hour"], [60, "minute"]];
  const relative = (at, now) => {
    const seconds = Math.round((now - at) / 1000), away = Math.abs(seconds);
    if (away < 45) return "just now";
    if (away >= 30 * 86400) return null;
    const [size, word] = UNITS.find(([size]) => away >= size) || UNITS[2];
    const n = Math.max(1, Math.floor(away / size)), text = `${n} ${word}${n === 1 ? "" : "s"}`;
    return seconds < 0 ? `in ${text}` : `${text} ago`;
  };
  const freshen = () => all("time[data-rel]").forEach((t) => {
    const words = relative(new Date(t.dateTime), Date.now());
    if (words && t.textContent !== words) t.textContent = words;
  });

  const toast = (words) => {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = words;
    one("#toasts")?.replaceChildren(note);
    setTimeout(() => note.remove(), 4000);
  };

  const copy = async (button) => {
    const text = button.dataset.copy ?? one(button.dataset.copyFrom, button.closest("figure") || document)?.textContent ?? "";
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied");
    } catch { toast("Could not copy. Select the text and copy it by hand."); }
  };

  // Picking rows: shift takes everything between, the head's box takes all.
  let lastPick = null;
  const pick = (box, shift) => {
    const boxes = all("tbody input[type=checkbox]", box.closest("table"));
    if ("all" in box.dataset) boxes.forEach((b) => { b.checked = box.checked; });
    else if (shift && boxes.includes(lastPick)) {
      const [from, to] = [boxes.indexOf(lastPick), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((b) => { b.checked = box.checked; });
    }
    if (!("all" in box.dataset)) lastPick = box;
    const chosen = boxes.filter((b) => b.checked).length;
    all("[data-picked]", box.form || document).forEach((o) => { o.textContent = `${chosen} selected`; });
    const head = one("[data-all]", box.closest("table"));
    if (head) { head.checked = chosen === boxes.length; head.indeterminate = chosen > 0 && chosen < boxes.length; }
  };

  // Rows and the side panel.
  let opener = null;
  const rows = () => all(".rows .row").filter((r) => r.checkVisibility());
  const panel = () => one("#panel");
  const closePanel = () => {
    panel()?.replaceChildren();
    all(".is-open").forEach((r) => r.classList.remove("is-open"));
    opener?.focus();
    opener = null;
  };
  const move = (step) => {
    const list = rows(), at = list.findIndex((r) => r === document.activeElement || r.closest("tr, li")?.classList.contains("is-open"));
    const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    if (next && panel()?.childElementCount && next.hasAttribute("hx-get")) next.click();
  };

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    const link = at("a[hx-get]");
    // A new tab is a new tab, and on a phone a panel is a page.
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey || (link.getAttribute("hx-target") === "#panel" && innerWidth < 700))) {
      event.stopImmediatePropagation();
      return;
    }
    if (at("[data-set-theme]")) setTheme(at("[data-set-theme]").dataset.setTheme);
    if (at("[data-copy], [data-copy-from]")) copy(at("[data-copy], [data-copy-from]"));
    if (at("[data-close-panel]")) closePanel();
    if (at(".pick input")) pick(at(".pick input"), event.shiftKey);
    all("details.drop[open]").forEach((d) => { if (!d.contains(event.target)) d.open = false; });
  }, true);

  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-autosubmit]")) event.target.form.requestSubmit();
    if (event.target.matches("[data-use-keys]")) stored("keys", event.target.checked ? "on" : "off");
  });

  // Keys: one letter each, and `g` then a letter goes to a page.  They can be turned off in the keys dialog.
  let going = 0;
  const KEYS = {
    "/": () => { one("#search")?.focus(); one("#search")?.select(); },
    "?": () => one("#keys")?.togglePopover(),
    j: () => move(1),
    k: () => move(-1),
    x: () => one("input[type=checkbox]", document.activeElement.closest("tr") || document.createElement("i"))?.click(),
    "[": () => one("a[rel=prev]")?.click(),
    "]": () => one("a[rel=next]")?.click(),
    g: () => { going = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const drop = one("details.drop[open]");
      if (drop) { drop.open = false; one("summary", drop).focus(); }
      else if (!one(":popover-open") && panel()?.childElementCount) closePanel();
      else if (event.target.id === "search") event.target.blur();
      return;
    }
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || (stored("keys") === "off" && event.key !== "?")) return;
    const page = Date.now() - going < 1500 && all(".side [data-key]").find((a) => a.dataset.key === event.key);
    const action = page ? () => page.click() : KEYS[event.key];
    if (!action) return;
    event.preventDefault();
    if (event.key !== "g") going = 0;
    action();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    freshen();
    if (event.detail.target.id !== "panel") return;
    const source = event.detail.requestConfig.elt;
    all(".is-open").forEach((r) => r.classList.remove("is-open"));
    source.closest("tr, li")?.classList.add("is-open");
    const following = opener && document.activeElement === source && opener !== source;
    opener = source;
    panel().scrollTop = 0;
    if (!following) one("h2", panel())?.focus();
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"])
    document.addEventListener(name, () => toast("That could not be loaded. Nothing was changed; try again."));

  showTheme();
  freshen();
  setInterval(freshen, 30000);
  all("[data-use-keys]").forEach((box) => { box.checked = stored("keys") !== "off"; });
})();
