/* The map beside the results: areas with pins that say how many offers are on the spot. The list is the same without it. */
(() => {
  "use strict";

  const started = new WeakMap();
  const CLOSE = 34; /* px between two pins that can still be told apart */

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
        if (!spot) return;
        layer.on("click", () => window.location.assign(spot.url));
        layer.on("mouseover", () => lightResults(spot.code, true));
        layer.on("mouseout", () => lightResults(spot.code, false));
      },
    }).addTo(map);
  }

  /* Pins that would cover one another become one with their sum; they are a picture, areas and list are to be pressed. */
  function placePins(map, layer, spots) {
    layer.clearLayers();
    const placed = [];
    for (const spot of [...spots].sort((a, b) => b.count - a.count)) {
      const at = map.latLngToContainerPoint([spot.lat, spot.lon]);
      const near = placed.find((pin) => pin.at.distanceTo(at) < CLOSE);
      if (near) { near.count += spot.count; near.codes.push(spot.code); }
      else placed.push({ at, spot, count: spot.count, codes: [spot.code] });
    }
    const byCode = new Map();
    for (const pin of placed) {
      const icon = L.divIcon({ className: "pin", html: String(pin.count), iconSize: null });
      const marker = L.marker([pin.spot.lat, pin.spot.lon], { icon, keyboard: false, interactive: false }).addTo(layer);
      marker.getElement().setAttribute("aria-hidden", "true");
      for (const code of pin.codes) byCode.set(code, marker);
    }
    return byCode;
  }

  /* A result lights up its pin; an area lights up its results. */
  function tie(pins) {
    for (const result of document.querySelectorAll(".results > [data-terc]")) {
      const light = (on) => () => pins().get(result.dataset.terc)?.getElement().classList.toggle("hot", on);
      for (const [name, on] of [["mouseenter", true], ["focusin", true], ["mouseleave", false], ["focusout", false]]) {
        result.addEventListener(name, light(on));
      }
    }
  }

  function lightResults(code, on) {
    for (const result of document.querySelectorAll(`.results > [data-terc="${code}"]`)) result.classList.toggle("hot", on);
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
    const around = spots.length ? L.latLngBounds(spots.map((spot) => [spot.lat, spot.lon])).pad(0.25) : shape && shape.getBounds();
    if (around && around.isValid()) map.fitBounds(around, { maxZoom: 10, animate: false });
    const layer = L.layerGroup().addTo(map);
    let pins = placePins(map, layer, spots);
    map.on("zoomend", () => { pins = placePins(map, layer, spots); });
    tie(() => pins);
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
