/* The map beside the results: areas with pins that say how many offers are on the spot. The list is the same without it. */
(() => {
  "use strict";

  const started = new WeakMap();

  function steps(counts) {
    const most = Math.max(1, ...counts);
    return (count) => (count === 0 ? 0 : Math.min(5, 1 + Math.floor((4 * count) / most)));
  }

  function drawAreas(map, holder, spots, areas) {
    const chosen = new Set(holder.dataset.chosen.split(" ").filter(Boolean));
    const byCode = new Map(spots.map((spot) => [spot.code, spot]));
    const step = steps(spots.map((spot) => spot.count));
    return L.geoJSON(areas, {
      interactive: true,
      style: (feature) => {
        const spot = byCode.get(feature.properties.terc);
        const marked = [...chosen].some((area) => feature.properties.terc.startsWith(area));
        return { className: `area heat-${step(spot ? spot.count : 0)}${marked ? " chosen" : ""}`, weight: 1 };
      },
      onEachFeature: (feature, layer) => {
        const spot = byCode.get(feature.properties.terc);
        layer.bindTooltip(spot ? `${feature.properties.name}: ${spot.count}` : feature.properties.name, { sticky: true });
        if (spot) layer.on("click", () => window.location.assign(spot.url));
      },
    }).addTo(map);
  }

  function drawPins(map, spots) {
    return new Map(spots.map((spot) => {
      const icon = L.divIcon({ className: "pin", html: String(spot.count), iconSize: null });
      const name = `${spot.name}: ${spot.count}`;
      const pin = L.marker([spot.lat, spot.lon], { icon, keyboard: true, title: name, alt: name }).addTo(map);
      pin.getElement().setAttribute("aria-label", name);
      const open = () => window.location.assign(spot.url);
      pin.on("click", open);
      pin.on("keypress", (event) => { if (event.originalEvent.key === "Enter") open(); });
      return [spot.code, pin];
    }));
  }

  /* A result and its pin light up together. */
  function tie(pins) {
    for (const result of document.querySelectorAll(".results > [data-terc]")) {
      const pin = pins.get(result.dataset.terc);
      if (!pin) continue;
      const light = (on) => () => pin.getElement().classList.toggle("hot", on);
      for (const [name, on] of [["mouseenter", true], ["focusin", true], ["mouseleave", false], ["focusout", false]]) {
        result.addEventListener(name, light(on));
      }
    }
    for (const [code, pin] of pins) {
      const light = (on) => () => {
        for (const result of document.querySelectorAll(`.results > [data-terc="${code}"]`)) result.classList.toggle("hot", on);
      };
      pin.on("mouseover", light(true));
      pin.on("mouseout", light(false));
    }
  }

  async function draw(holder) {
    const spots = JSON.parse(holder.dataset.spots);
    const map = L.map(holder, { zoomControl: false, attributionControl: false, scrollWheelZoom: false, zoomSnap: 0.25 });
    started.set(holder, map);
    L.control.zoom({ zoomInTitle: holder.dataset.zoomIn, zoomOutTitle: holder.dataset.zoomOut }).addTo(map);
    if (holder.dataset.tiles) L.tileLayer(holder.dataset.tiles).addTo(map);
    map.setView([52, 19.4], 6);
    const answer = await fetch(holder.dataset.areas);
    const shape = answer.ok ? drawAreas(map, holder, spots, await answer.json()) : null;
    const pins = drawPins(map, spots);
    const around = spots.length ? L.latLngBounds(spots.map((spot) => [spot.lat, spot.lon])).pad(0.25) : shape && shape.getBounds();
    if (around && around.isValid()) map.fitBounds(around, { maxZoom: 10 });
    tie(pins);
  }

  /* Drawn when it first gets a size: on a phone that is when somebody opens it. */
  function start() {
    const holder = document.querySelector(".map[data-spots]");
    if (!holder || typeof L === "undefined" || started.has(holder)) return;
    holder.hidden = false;
    document.getElementById("map-note").hidden = false;
    new ResizeObserver(() => {
      if (!holder.clientWidth) return;
      const map = started.get(holder);
      if (map) map.invalidateSize();
      else draw(holder);
    }).observe(holder);
  }

  document.addEventListener("htmx:after:swap", start);
  start();
})();
