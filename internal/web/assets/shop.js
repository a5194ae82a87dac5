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
