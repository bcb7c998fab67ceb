/* Enhancement only: every page does the same without this file. Re-run after htmx puts a part in place. */
(() => {
  "use strict";

  /* After a form comes back with problems, the reader is taken to their list. */
  function showProblems(root) {
    const summary = root.querySelector("#error-summary");
    if (summary) summary.focus();
  }

  /* Minus and plus change the number in place instead of sending it. */
  function startSteppers(root) {
    for (const stepper of root.querySelectorAll("[data-stepper]:not([data-ready])")) {
      stepper.dataset.ready = "";
      const number = stepper.querySelector("input");
      for (const button of stepper.querySelectorAll("button")) {
        button.type = "button";
        button.addEventListener("click", () => {
          const step = button.value === "plus" ? 1 : -1;
          const wished = (Number.parseInt(number.value, 10) || 0) + step;
          number.value = Math.min(Number(number.max || 999), Math.max(Number(number.min || 0), wished));
          number.dispatchEvent(new Event("change", { bubbles: true }));
        });
      }
    }
  }

  /* A second press of the same button, before the answer came, sends nothing more. */
  function sendOnce(event) {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  }

  /* Copies the text of a field; without this the reader marks and copies it. */
  function startCopying(root) {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("[data-copy][hidden]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
        button.textContent = button.dataset.copied;
      });
    }
  }

  /* The seconds until something leaves; the words beside it say until when. */
  function startCountdowns(root) {
    for (const place of root.querySelectorAll("[data-countdown][hidden]")) {
      const end = Date.parse(place.dataset.countdown);
      const tick = () => {
        const left = Math.ceil((end - Date.now()) / 1000);
        place.hidden = left <= 0;
        place.textContent = place.dataset.words.replace("…", String(left));
        if (left > 0) setTimeout(tick, 1000);
      };
      tick();
    }
  }

  function startPrinting(root) {
    for (const button of root.querySelectorAll("[data-print][hidden]")) {
      button.hidden = false;
      button.addEventListener("click", () => window.print());
    }
  }

  /* Leaves without a trace in the history of this tab. */
  function startQuickExit(root) {
    for (const link of root.querySelectorAll("[data-quick-exit]:not([data-ready])")) {
      link.dataset.ready = "";
      link.addEventListener("click", (event) => {
        event.preventDefault();
        document.body.replaceChildren();
        window.location.replace(link.href);
      });
    }
  }

  function start(root) {
    showProblems(root);
    startSteppers(root);
    startPrinting(root);
    startCopying(root);
    startCountdowns(root);
    startQuickExit(root);
  }

  document.addEventListener("submit", sendOnce);
  document.addEventListener("htmx:after:swap", (event) => start(event.target instanceof Element ? event.target : document));
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
  start(document);
})();
