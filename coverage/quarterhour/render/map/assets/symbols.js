// Facility symbols and legend swatches as SVG elements: colour names the service, shape the service
// and, where it has several, the kind.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const SPACE = "http://www.w3.org/2000/svg";
  const INK = "#20262B";

  function svg(tag, attributes, children) {
    const out = document.createElementNS(SPACE, tag);
    for (const name of Object.keys(attributes || {})) out.setAttribute(name, attributes[name]);
    for (const child of children || []) out.appendChild(child);
    return out;
  }

  function corners(n, radius, turn) {
    const out = [];
    for (let i = 0; i < n; i++) {
      const angle = ((i / n) * 2 - 0.5) * Math.PI + turn;
      out.push([radius * Math.cos(angle), radius * Math.sin(angle)]);
    }
    return "M" + out.map((p) => p.map((v) => v.toFixed(2)).join(" ")).join("L") + "Z";
  }

  function star(n, radius, inner) {
    const out = [];
    for (let i = 0; i < 2 * n; i++) {
      const angle = (i / n - 0.5) * Math.PI, r = i % 2 ? inner : radius;
      out.push([r * Math.cos(angle), r * Math.sin(angle) + 0.6]);
    }
    return "M" + out.map((p) => p.map((v) => v.toFixed(2)).join(" ")).join("L") + "Z";
  }

  // Radii chosen so that all shapes have about the same area.
  const PATHS = {
    circle: "M-7.4 0A7.4 7.4 0 1 1 7.4 0A7.4 7.4 0 1 1-7.4 0Z",
    square: corners(4, 9.2, Math.PI / 4),
    triangle: "M0-9.2L8.6 6.2L-8.6 6.2Z",
    diamond: corners(4, 9.4, 0),
    pentagon: corners(5, 8.8, 0),
    hexagon: corners(6, 8.4, 0),
    down: "M0 9.2L8.6-6.2L-8.6-6.2Z",
    plus: "M-3.1-9H3.1V-3.1H9V3.1H3.1V9H-3.1V3.1H-9V-3.1H-3.1Z",
    star: star(5, 10.6, 5),
    house: "M0-9.4L8.4-2.2V7.6H-8.4V-2.2Z",
    bar: "M-10.4-4.6H10.4V4.6H-10.4Z",
  };

  function facility(shape, colour, status, size) {
    const d = PATHS[shape] || PATHS.circle;
    const hollow = status !== "used";
    const parts = [
      svg("path", { d, fill: INK, stroke: INK, "stroke-width": 4.2, "stroke-linejoin": "round" }),
      svg("path", { d, fill: "#FFFFFF", stroke: "#FFFFFF", "stroke-width": 2.2, "stroke-linejoin": "round" }),
      svg("path", {
        d, fill: hollow ? "#FFFFFF" : colour, stroke: hollow ? colour : "none",
        "stroke-width": hollow ? 3 : 0, "stroke-linejoin": "round",
      }),
    ];
    if (status === "unlinked") {
      parts.push(svg("path", { d: "M-4-4L4 4M-4 4L4-4", stroke: INK, "stroke-width": 2.2 }));
    }
    return svg(
      "svg",
      { viewBox: "-13 -13 26 26", width: size, height: size, "aria-hidden": "true" },
      parts
    );
  }

  // The kind of a facility within its service: {name, shape}, null where the service has only one.
  function kindOf(service, row) { return service.kinds[service.kind_of[row]] || null; }

  // The symbol of one facility of a service.
  function facilityOf(service, row, status, size) {
    const kind = kindOf(service, row);
    return facility(kind ? kind.shape : service.shape, service.colour, status, size);
  }

  function box(children) {
    return svg("svg", { viewBox: "0 0 26 16", width: 26, height: 16, "aria-hidden": "true" }, children);
  }

  const swatch = {
    fill: (colour, opacity, hatch, edge) => {
      const parts = [svg("rect", {
        x: 2, y: 2, width: 22, height: 12, rx: 2, fill: colour, "fill-opacity": opacity,
        stroke: edge || colour, "stroke-width": 1,
      })];
      if (hatch) {
        parts.push(svg("path", { d: "M5 13L14 3M11 13L20 3M17 13L23 6", stroke: colour, "stroke-width": 1.2 }));
      }
      return box(parts);
    },
    line: (colour, width, dash) => box([svg("path", {
      d: "M2 8H24", stroke: colour, "stroke-width": width, "stroke-dasharray": dash || "none",
    })]),
    gap: (colour, dash) => box([svg("rect", {
      x: 2, y: 2, width: 22, height: 12, rx: 4, fill: colour, "fill-opacity": 0.12, stroke: colour,
      "stroke-width": 1.7, "stroke-dasharray": dash.join(" ") || "none",
      "stroke-linecap": dash.length && dash[0] < 2 ? "round" : "butt",
    })]),
    halo: (colour, crossed) => box([
      svg("circle", { cx: 13, cy: 8, r: 6.3, fill: "none", stroke: colour, "stroke-width": 2.6 }),
      ...(crossed ? [svg("path", { d: "M8 3L18 13", stroke: colour, "stroke-width": 2.4 })] : []),
    ]),
    star: (colour) => svg("svg", { viewBox: "-13 -8 26 16", width: 26, height: 16, "aria-hidden": "true" }, [
      svg("path", {
        d: star(5, 7.4, 3.2), fill: colour, stroke: INK, "stroke-width": 1.5, "stroke-linejoin": "round",
      }),
    ]),
    dot: (colour) => box([svg("circle", {
      cx: 13, cy: 8, r: 5.5, fill: colour, stroke: "#FFFFFF", "stroke-width": 1,
    })]),
    signed: (colour, gains) => box([
      svg("circle", { cx: 13, cy: 8, r: 6, fill: colour, stroke: "#FFFFFF", "stroke-width": 1 }),
      svg("path", {
        d: gains ? "M9.5 8H16.5M13 4.5V11.5" : "M9.5 8H16.5", stroke: "#FFFFFF", "stroke-width": 1.8,
      }),
    ]),
    plate: (text, colour) => {
      const letter = svg("text", {
        x: 13, y: 12, "text-anchor": "middle", "font-size": 11, "font-weight": 700, fill: "#FFFFFF",
      });
      letter.textContent = text;
      return box([
        svg("circle", { cx: 13, cy: 8, r: 7.4, fill: colour, stroke: "#FFFFFF", "stroke-width": 1 }), letter,
      ]);
    },
    plus: (colour) => box([
      svg("circle", { cx: 13, cy: 8, r: 6.5, fill: "#FFFFFF", stroke: colour, "stroke-width": 2.2 }),
      svg("path", { d: "M9.8 8H16.2M13 4.8V11.2", stroke: colour, "stroke-width": 2 }),
    ]),
    ring: (colour) => box([
      svg("rect", { x: 8.5, y: 3.5, width: 9, height: 9, fill: "#FFFFFF", stroke: colour, "stroke-width": 1.8 }),
      svg("path", { d: "M10.5 5.5L15.5 10.5M15.5 5.5L10.5 10.5", stroke: colour, "stroke-width": 1.3 }),
    ]),
  };

  function sizes(colour, radii) {
    const high = 2 * radii[0] + 2;
    let x = 1;
    const circles = radii.map((r) => {
      const out = svg("circle", { cx: x + r, cy: high / 2, r, fill: colour });
      x += 2 * r + 5;
      return out;
    });
    return svg("svg", { width: x, height: high, "aria-hidden": "true" }, circles);
  }

  // A line with an arrow to either side.
  function swipe() {
    return svg("svg", { viewBox: "0 0 20 14", width: 20, height: 14, "aria-hidden": "true" }, [
      svg("path", {
        d: "M10 0V14M6.5 3.5L3 7L6.5 10.5M13.5 3.5L17 7L13.5 10.5", fill: "none",
        stroke: "currentColor", "stroke-width": 1.8, "stroke-linejoin": "round",
      }),
    ]);
  }

  QH.symbols = { swipe, facility, facilityOf, kindOf, swatch, sizes, svg };
})();
