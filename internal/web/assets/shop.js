// What HTML cannot do by itself. Every page works without it.
"use strict";

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", event => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "true";
  setTimeout(() => { delete form.dataset.sent; }, 5000); // the reader may have stopped it
});
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });

// What is wrong in a form that came back is where to go on.
document.querySelector("[aria-invalid=true]")?.focus();

// How many units are in the cart is in a cookie beside it: pages are the same for all.
const count = document.cookie.match(/(?:^|; )cart_count=(\d+)/)?.[1];
for (const badge of document.querySelectorAll("[data-cart-count]")) { badge.textContent = count ?? ""; badge.hidden = !(count > 0); }

// A filter that is changed counts at once.
document.addEventListener("change", event => {
  if (event.target.matches("form[data-submit] select, form[data-submit] [type=checkbox]")) event.target.form.requestSubmit();
});

// Another variant takes the place of the one that is shown, without going to the top.
document.addEventListener("click", async event => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#product .buy");
    if (!answer.ok || !next) throw new Error(answer.statusText);
    const text = link.textContent.trim();
    document.querySelector("#product .buy").replaceWith(next);
    history.replaceState(null, "", link.href);
    [...next.querySelectorAll("a[data-swap]")].find(a => a.textContent.trim() === text)?.focus();
  } catch { location.href = link.href; }
});
