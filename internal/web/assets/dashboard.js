// What HTML cannot do by itself. Every page works without it.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);

// A dialog that the server put into #dialog opens; closing it gives the focus back.
let opener;
document.addEventListener("htmx:after:swap", () => {
  const dialog = $("#dialog > dialog:not([open])");
  if (dialog) {
    opener = document.activeElement;
    dialog.showModal();
    dialog.addEventListener("close", () => { dialog.remove(); opener?.focus(); });
  }
  localise();
});

document.addEventListener("click", event => {
  const at = event.target;
  if (at.closest("[data-close]")) {
    const dialog = at.closest("dialog");
    if (dialog) { event.preventDefault(); dialog.close(); }
  }
  if (at.closest("[data-dismiss]")) at.closest(".toast")?.remove();
  if (at instanceof HTMLDialogElement) at.close(); // its backdrop
  if (at.closest("[data-palette]")) { event.preventDefault(); openPalette(); }
  const copy = at.closest("[data-copy]");
  if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => { copy.dataset.copied = "true"; });
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(at)) menu.open = false;
});

document.addEventListener("keydown", event => {
  const typing = event.target.matches("input, textarea, select, [contenteditable]");
  if ((event.ctrlKey || event.metaKey) && event.key === "k") { event.preventDefault(); openPalette(); }
  if (event.key === "/" && !typing && $("[data-search]")) { event.preventDefault(); $("[data-search]").focus(); }
  if (event.key === "Escape") { const menu = event.target.closest("details.menu[open]"); if (menu) { menu.open = false; $("summary", menu).focus(); } }
  const palette = event.target.closest(".palette");
  if (palette && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const stops = [$("input", palette), ...palette.querySelectorAll("li a")];
    const step = event.key === "ArrowDown" ? 1 : stops.length - 1;
    stops[(Math.max(stops.indexOf(document.activeElement), 0) + step) % stops.length].focus();
  }
});

function openPalette() { const palette = $("#palette"); if (palette && !palette.open) palette.showModal(); }

// The theme is a cookie, so that the server draws the page right from the start.
document.addEventListener("submit", event => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
});

// Settings say when there is something to save, and ask before it is lost.
const changed = form => [...new FormData(form)].map(([name, value]) => `${name}=${value.name ?? value}`).join("&");
for (const form of document.querySelectorAll("form[data-guard]")) {
  const before = changed(form), bar = $(".savebar", form);
  if (bar) bar.hidden = !form.matches("[data-dirty]");
  let saving = false;
  form.addEventListener("input", () => { if (bar) bar.hidden = changed(form) === before; });
  form.addEventListener("reset", () => setTimeout(() => { if (bar) bar.hidden = true; }));
  form.addEventListener("submit", () => { saving = true; });
  addEventListener("beforeunload", event => { if (!saving && changed(form) !== before) event.preventDefault(); });
}

// Times are the reader's.
function localise() {
  for (const time of document.querySelectorAll("time[datetime]:not([data-local])")) {
    const at = new Date(time.dateTime);
    time.title = at.toLocaleString();
    time.textContent = time.dataset.format === "date"
      ? at.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" })
      : at.toLocaleString(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
    time.dataset.local = "";
  }
}
localise();
