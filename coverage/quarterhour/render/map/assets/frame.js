// Everything around the data: first view, buttons, scale, north arrow, language, small screens.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  function fit(map, data) {
    const size = map.getSize(), small = size.x < 500, edge = small || size.y < 420 ? 8 : 26;
    const foot = document.getElementById("qh-stages"), mark = document.getElementById("qh-synthetic");
    const box = map.getContainer(), low = small || size.y < 420;
    const bar = low ? box.offsetTop + size.y - (foot ? foot.offsetTop : 0) : foot ? foot.offsetHeight + 8 : 0;
    const room = foot && !foot.hidden ? Math.min(bar, 0.28 * size.y) : 0;
    // the mark lies on the map, or on a narrow page above it
    const over = mark ? mark.offsetTop + mark.offsetHeight - box.offsetTop : 0;
    fit.at = null; // not yet where it will be
    map.fitBounds(data.bounds, {
      // clear of the mark above, of the years below and, where there is little room, of the buttons
      paddingTopLeft: [edge, over > 4 ? Math.max(edge, over + 8) : edge],
      paddingBottomRight: [small ? 54 : size.y < 420 ? 58 : 26, edge + room], animate: false,
    });
    fit.at = { centre: map.getCenter(), zoom: map.getZoom() };
  }

  // The whole area stays the whole area when the map gets other room.
  function refit(map, data) {
    const was = fit.at;
    if (!was || QH.printing || map.getZoom() !== was.zoom) return;
    if (map.project(map.getCenter()).distanceTo(map.project(was.centre)) < 2.5) fit(map, data);
  }

  function corner(map, position, className, children) {
    const Corner = L.Control.extend({
      onAdd() {
        const out = QH.text.el("div", className, children);
        L.DomEvent.disableClickPropagation(out);
        return out;
      },
    });
    return new Corner({ position }).addTo(map);
  }

  function button(sign, key, act) {
    const out = QH.text.el("button", "", sign);
    out.type = "button";
    out.title = QH.text.plain(key);
    out.setAttribute("aria-label", QH.text.plain(key));
    out.addEventListener("click", act);
    return out;
  }

  function north() {
    const S = QH.symbols.svg;
    const out = S("svg", { viewBox: "0 0 30 40", width: 30, height: 40, role: "img" }, [
      S("path", { d: "M15 13L22 37L15 32Z", fill: "#20262B" }),
      S("path", { d: "M15 13L8 37L15 32Z", fill: "#FFFFFF", stroke: "#20262B", "stroke-width": 1 }),
    ]);
    const letter = S("text", {
      x: 15, y: 10, "text-anchor": "middle", "font-size": 11, "font-weight": 700, fill: "#20262B",
    });
    letter.textContent = "N";
    out.appendChild(letter);
    out.setAttribute("aria-label", QH.text.plain("north"));
    return out;
  }

  function home(map, data) {
    const S = QH.symbols.svg;
    const sign = S("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, [
      S("path", {
        d: "M2 6V2H6M10 2H14V6M14 10V14H10M6 14H2V10", fill: "none", stroke: "currentColor",
        "stroke-width": 1.8,
      }),
    ]);
    return button(sign, "whole_area", () => fit(map, data));
  }

  QH.fit = fit;

  QH.frame = function (map, data) {
    map.invalidateSize(false);
    fit(map, data);
    // the keyboard comes to the buttons before it goes through every facility
    const box = map.getContainer();
    box.insertBefore(box.querySelector(".leaflet-control-container"), box.firstChild);
    corner(map, "topright", "qh-buttons", [
      button("+", "zoom_in", () => map.zoomIn()),
      button("−", "zoom_out", () => map.zoomOut()),
      home(map, data),
    ]);
    corner(map, "topright", "qh-north", north());
    L.control.scale({ imperial: false, maxWidth: 130, position: "bottomleft" }).addTo(map);
  };

  function services(app) {
    const buttons = Array.from(document.querySelectorAll("[data-choose]"));
    buttons.forEach((element, at) => {
      element.addEventListener("click", () => app.choose(at));
      element.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = (at + step + buttons.length) % buttons.length;
        app.choose(next);
        buttons[next].focus();
      });
    });
  }

  function languages(app) {
    const root = document.documentElement;
    const buttons = Array.from(document.querySelectorAll("button[data-language]"));
    buttons.forEach((element) => element.addEventListener("click", () => {
      root.dataset.language = element.dataset.language;
      root.lang = element.dataset.language === "en" ? "en" : "zh-CN";
      buttons.forEach((b) => b.setAttribute("aria-pressed", String(b === element)));
      QH.text.retell(document);
      app.sheet.repaint();
    }));
  }

  // A long title has as many lines as its style says, and all of it under the pointer.
  function title() {
    const head = document.querySelector("#qh-head h1"), look = getComputedStyle(head);
    head.classList.remove("qh-long");
    const most = Number(look.getPropertyValue("--lines")) + 0.5;
    const long = head.offsetHeight > most * parseFloat(look.lineHeight);
    head.classList.toggle("qh-long", long);
    head.title = long ? head.textContent : "";
  }

  // Another tab begins at its top, not where the one before was left: its first line would lie
  // under the tabs. Heard before the tab itself is, which may go on to a row.
  function tabs(app) {
    const bar = document.querySelector(".qh-tabs");
    const top = (event) => {
      const tab = event.target.closest("[role=tab]");
      if (event.type === "keydown" ? !/^Arrow(Left|Right)$/.test(event.key) : !tab || tab.getAttribute("aria-selected") === "true") return;
      for (const id of ["qh-panel", "qh-panel-body"]) document.getElementById(id).scrollTop = 0;
      // once the head of the column has the height that belongs to the tab
      if (tab && tab.id === "qh-tab-gaps") window.setTimeout(() => app.gapList.reveal(), 0);
    };
    if (bar) ["click", "keydown"].forEach((what) => bar.addEventListener(what, top, true));
  }

  QH.controls = function (app) {
    services(app);
    title();
    window.addEventListener("resize", title);
    tabs(app);
    languages(app);
    const toggle = document.getElementById("qh-panel-button");
    toggle.addEventListener("click", () => {
      const open = toggle.getAttribute("aria-expanded") !== "true";
      toggle.setAttribute("aria-expanded", String(open));
      document.getElementById("qh-panel").classList.toggle("qh-open", open);
      // On a small screen the words above the map make room while the list is read.
      document.body.classList.toggle("qh-reading", open);
      app.map.invalidateSize(false);
    });
    // The map's box also changes when words wrap differently, not only with the window.
    app.map.on("resize", () => refit(app.map, app.data));
    if (window.ResizeObserver) {
      new ResizeObserver(() => {
        if (!QH.printing) app.map.invalidateSize(false);
      }).observe(app.map.getContainer());
    }
  };
})();
