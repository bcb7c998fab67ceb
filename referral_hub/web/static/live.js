/* Enhancement only: a part that names a stream (`data-live`) is fetched again whenever the stream says so. */
(() => {
  "use strict";
  const part = document.querySelector("[data-live]");
  if (!part || !window.EventSource) return;
  let busy = false;
  let again = false;
  let first = true;

  /* Nobody's typing is thrown away: while a form inside is open, only the numbers wait. */
  const atWork = () => part.contains(document.activeElement) && document.activeElement.closest("details[open]");

  async function look() {
    if (busy || atWork()) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (!fresh) return;
      const changed = fresh.querySelector(".figures")?.textContent !== part.querySelector(".figures")?.textContent;
      part.replaceChildren(...fresh.childNodes);
      const live = document.getElementById("live");
      if (live && changed && !first) live.textContent = `${part.dataset.said} ${part.querySelector(".figures")?.textContent ?? ""}`.trim();
      first = false;
    } finally {
      busy = false;
      if (again && !atWork()) {
        again = false;
        setTimeout(look, 250);
      }
    }
  }

  const stream = new EventSource(part.dataset.live);
  stream.addEventListener("changed", look);
  part.addEventListener("focusout", () => again && setTimeout(look, 50));
  window.addEventListener("pagehide", () => stream.close());
})();
