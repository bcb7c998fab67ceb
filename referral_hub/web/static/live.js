/* Enhancement only: a table that names a stream (`data-live`) takes in the rows the stream says are new. */
(() => {
  "use strict";
  const part = document.querySelector("[data-live]");
  if (!part || !window.EventSource) return;
  const waiting = new Set();
  let everything = false;
  let busy = false;

  /* Nobody's typing is thrown away: while a form inside is open and used, the news wait. */
  const atWork = () => part.contains(document.activeElement) && document.activeElement.closest("details[open]");

  async function ask(query) {
    const answer = await fetch(window.location.pathname + query, { headers: { Accept: "text/html" } });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
  }

  /* Figures first, then each row in its place; an answer that brings places comes to the top. */
  function take(fresh) {
    for (const selector of [".figures", ".asof"]) {
      const before = part.querySelector(selector);
      const after = fresh.querySelector(selector);
      if (before && after) before.replaceWith(after);
    }
    const body = part.querySelector("tbody");
    for (const row of [...fresh.querySelectorAll("tbody tr")].reverse()) {
      const before = document.getElementById(row.id);
      if (!before || before.textContent === row.textContent) continue;
      before.remove();
      body.prepend(row);
    }
  }

  function say() {
    const live = document.getElementById("live");
    const figures = [...part.querySelectorAll(".figures li")].map((item) => item.textContent.trim().replace(/\s+/g, " "));
    if (live) live.textContent = `${part.dataset.said} ${figures.join(", ")}`;
  }

  async function look() {
    if (busy || (!waiting.size && !everything) || atWork()) return;
    busy = true;
    const named = everything ? [] : [...waiting];
    everything = false;
    waiting.clear();
    try {
      const before = part.querySelector(".figures")?.textContent;
      const fresh = await ask(named.length ? `?${named.map((offer) => `only=${offer}`).join("&")}` : "");
      if (fresh) take(fresh);
      if (before !== part.querySelector(".figures")?.textContent) say();
    } finally {
      busy = false;
      look();
    }
  }

  /* The stream stands anew, or lost count: only where the figures differ is everything read again. */
  async function compare() {
    const fresh = await ask("?only=none");
    if (fresh && fresh.querySelector(".figures")?.textContent !== part.querySelector(".figures")?.textContent) {
      everything = true;
      look();
    }
  }

  const stream = new EventSource(part.dataset.live);
  stream.addEventListener("changed", (event) => {
    const offers = event.data.split(" ").filter(Boolean);
    if (!offers.length) return compare();
    offers.forEach((offer) => waiting.add(offer));
    look();
  });
  part.addEventListener("focusout", () => setTimeout(look, 50));
  window.addEventListener("pagehide", () => stream.close());
})();
