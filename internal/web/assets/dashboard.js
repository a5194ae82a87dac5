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
  const search = event.target.closest("[data-enter]"); // Enter in it looks for something, and does not save
  if (search && event.key === "Enter") { event.preventDefault(); $(`button[value=${search.dataset.enter}]`, search.form).click(); }
  const palette = event.target.closest(".palette");
  if (palette && event.key === "Enter" && event.target.matches("input") && $("li a", palette)) { event.preventDefault(); $("li a", palette).click(); }
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

// What is wrong in a form that came back is where to go on.
$("[aria-invalid=true]")?.focus();

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", event => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || event.submitter?.formTarget) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "true";
  setTimeout(() => { delete form.dataset.sent; }, 5000); // the reader may have stopped it
});
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });

// Settings say when there is something to save, and ask before it is lost.
const changed = form => [...new FormData(form)].filter(([name]) => !form.elements.namedItem(name).matches?.("[data-aside]")).map(([name, value]) => `${name}=${value.name ?? value}`).join("&");
for (const form of document.querySelectorAll("form[data-guard]")) {
  const before = changed(form), bar = $(".savebar", form);
  const dirty = () => form.matches("[data-dirty]") || changed(form) !== before;
  const show = () => { if (bar) bar.hidden = !dirty(); };
  let saving = false;
  show();
  form.addEventListener("input", show);
  form.addEventListener("htmx:after:swap", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", event => { saving = !event.submitter?.formTarget; });
  form.addEventListener("click", event => { if (event.target.closest("[data-discard]")) saving = true; });
  addEventListener("beforeunload", event => { if (!saving && changed(form) !== before) event.preventDefault(); });
}

document.addEventListener("input", event => {
  const field = event.target;
  if (field.matches("[data-tick-all]")) {
    for (const box of field.form.querySelectorAll("tbody [type=checkbox]")) box.checked = field.checked;
  }
  for (const echo of document.querySelectorAll("[data-mirror]")) {
    const fields = echo.dataset.mirror.split(" ").map(id => document.getElementById(id));
    if (fields.includes(field)) echo.textContent = fields.map(f => f.value.replace(/<[^>]*>/g, " ").trim()).find(value => value) ?? echo.dataset.mirrorEmpty;
  }
});
document.addEventListener("change", event => { if (event.target.matches("form[data-submit] select")) event.target.form.requestSubmit(); });

for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, event => {
    const drop = event.target.closest?.("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    drop.toggleAttribute("data-over", type === "dragover");
    if (type === "drop" && event.dataTransfer.files.length) {
      $("input", drop).files = event.dataTransfer.files;
      $("input", drop).dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

// Pictures that are chosen are uploaded at once. What comes back are the rows of all,
// as the step behind the button would show them.
document.addEventListener("change", event => { if (event.target.matches("[data-upload]") && event.target.files.length) upload(event.target); });
function upload(input) {
  const { form } = input, rows = $(input.dataset.upload), zone = input.closest("[data-drop]");
  const told = $(".uploading", zone), bar = $("progress", told), status = $("[role=status]", told), many = input.files.length;
  const body = new FormData(form, $("button", zone));
  const busy = yes => {
    input.disabled = rows.inert = yes;
    for (const button of form.querySelectorAll(".savebar button")) button.disabled = yes;
  };
  const end = message => { busy(false); bar.hidden = true; status.textContent = message; };
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Request-Type", "partial");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = loaded / total;
    status.textContent = loaded < total ? `Uploading ${Math.floor(100 * loaded / total)} %` : "Preparing …";
  });
  request.addEventListener("load", () => {
    if (request.status !== 200) return end(request.status === 413 ? "These are too many pictures, or too large ones." : "That did not work. Please try again.");
    rows.innerHTML = request.responseText;
    htmx.process(rows);
    end($(".error", rows) ? "Not all were taken." : many === 1 ? "The picture was added." : `${many} pictures were added.`);
    rows.dispatchEvent(new Event("input", { bubbles: true }));
  });
  request.addEventListener("error", () => end("The connection broke. Please try again."));
  told.hidden = bar.hidden = false;
  bar.value = 0;
  input.value = "";
  busy(true);
  request.send(body);
}

// The zone that moments in forms are meant in.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`zone=${zone};`)) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;

// A change of a number shows what it leads to.
document.addEventListener("input", event => {
  const from = event.target.dataset.from, result = $(`output[for="${event.target.id}"]`);
  if (from !== undefined && result) result.textContent = (Number(from) + Number(event.target.value)).toLocaleString("en");
});

// Times and amounts are written the reader's way. To make a format costs much more
// than to use it.
const formats = {
  whole: new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }),
  date: new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" }),
  time: new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
};
const amounts = {};
function localise() {
  for (const time of document.querySelectorAll("time[datetime]:not([data-local])")) {
    const at = new Date(time.dateTime);
    time.title = formats.whole.format(at);
    time.textContent = formats[time.dataset.format === "date" ? "date" : "time"].format(at);
    time.dataset.local = "";
  }
  for (const sum of document.querySelectorAll("data[data-currency]:not([data-local])")) {
    const { currency } = sum.dataset;
    amounts[currency] ??= new Intl.NumberFormat(undefined, { style: "currency", currency });
    sum.textContent = amounts[currency].format(sum.value);
    sum.dataset.local = "";
  }
}
localise();

// What is changed in a theme shows in the preview beside it.
for (const form of document.querySelectorAll("form[data-live]")) {
  let soon;
  document.addEventListener("input", ({ target }) => {
    if (target.form !== form) return;
    clearTimeout(soon);
    soon = setTimeout(() => form.requestSubmit($("[data-preview]", form)), 300);
  });
}
