// Scenarios: what a plan closes, opens and adds, and who gains and loses cover.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const CUT_PX = 14;

  function prepare(data) {
    const D = QH.decode, step = data.steps.shape;
    for (const plan of data.scenarios) {
      plan.closed = D.shapes(plan.closed, step);
      plan.opened = D.shapes(plan.opened, step);
      plan.cuts = plan.cuts.map((at) => ({ x: D.worldX(at[1]), y: D.worldY(at[0]) }));
      plan.services.forEach((one, at) => {
        for (const it of one.added) {
          it.x = D.worldX(it.at[1]);
          it.y = D.worldY(it.at[0]);
        }
        QH.sites.prepare(one, step);
        for (const key of ["gained", "lost"]) {
          const dots = (one[key] = D.places(one[key], step));
          dots.levels = new QH.Levels(dots, data.services[at].uncovered.levels);
        }
      });
    }
  }

  function line(view, shapes, colour, width, dash) {
    QH.paint.outline(view, shapes, { colour, width, dash, halo: "rgba(255,255,255,.85)" });
  }

  function sign(view, spots, draw) {
    const ctx = view.ctx;
    ctx.lineCap = "round";
    for (const spot of spots) {
      const x = spot.x * view.scale - view.left, y = spot.y * view.scale - view.top;
      if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
      draw(ctx, x, y);
    }
    ctx.lineCap = "butt";
  }

  function cross(ctx, x, y, colour) {
    for (const [ink, width] of [["#FFFFFF", 5], [colour, 2.4]]) {
      ctx.beginPath();
      ctx.moveTo(x - 5, y - 5);
      ctx.lineTo(x + 5, y + 5);
      ctx.moveTo(x + 5, y - 5);
      ctx.lineTo(x - 5, y + 5);
      ctx.strokeStyle = ink;
      ctx.lineWidth = width;
      ctx.stroke();
    }
  }

  function plus(ctx, x, y, colour) {
    ctx.beginPath();
    ctx.arc(x, y, 9, 0, 7);
    ctx.fillStyle = "#FFFFFF";
    ctx.fill();
    ctx.strokeStyle = colour;
    ctx.lineWidth = 3;
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - 4.5, y);
    ctx.lineTo(x + 4.5, y);
    ctx.moveTo(x, y - 4.5);
    ctx.lineTo(x, y + 4.5);
    ctx.stroke();
  }

  // Only what changes is drawn, on top of the map as it is today. `only`: numbers of scenarios,
  // else those that are shown.
  function paint(view, app, only) {
    app.data.scenarios.forEach((plan, number) => {
      if (only ? only.indexOf(number) < 0 : !app.showsPlan(number)) return;
      const one = plan.services[app.at], C = app.data.colours, P = QH.paint;
      P.veil(view, plan.closed, C.lost);
      line(view, plan.closed, C.lost, 3.2, [6, 4]);
      line(view, plan.opened, C.gained, 3.6);
      P.places(view, one.lost.levels, "loss", C.lost);
      P.places(view, one.gained.levels, "gain", C.gained);
      sign(view, QH.gather.thinned(plan.cuts, CUT_PX, view.scale), (ctx, x, y) => cross(ctx, x, y, C.lost));
      // symbols lie above the whole map, not on one of two sides
      if (only && app.compare.on) {
        sign(view, one.added, (ctx, x, y) => plus(ctx, x, y, app.service().colour));
      }
    });
  }

  // What the program proposes is a state of its own; a plan of the study lies on the map of today.
  function choose(app, number, is) {
    const key = "scenario-" + number;
    if (app.data.scenarios[number].proposed) app.stages.choose(is ? key : "today");
    else app.layers.on[key] = is;
  }

  // `proposed`: those that the program proposes, else those of the study.
  function rows(layers, proposed) {
    const app = layers.app, T = QH.text, S = QH.symbols.swatch, C = app.data.colours;
    app.data.scenarios.forEach((plan, number) => {
      if (Boolean(plan.proposed) !== proposed) return;
      const one = plan.services[app.at], other = plan.proposed === "other";
      const items = [
        [one.sites.length, QH.sites.pin("1", C.site, other, 22), other ? "site_other" : "site_best"],
        [one.dropped.length, QH.sites.crossed(app), "scenario_dropped"],
        [plan.closed.length || plan.cuts.length, S.line(C.lost, 3, "5 3"), "scenario_closed"],
        [plan.opened.length, S.line(C.gained, 3.4), "scenario_opened"],
        [one.added.length, S.plus(app.service().colour), "scenario_added"],
        // of a state of its own these stand with its service
        [!proposed && one.gained.n, S.signed(C.gained, true), "scenario_gained"],
        [!proposed && one.lost.n, S.signed(C.lost, false), "scenario_lost"],
      ].filter((item) => item[0]).map((item) => [item[1], T.word(item[2])]);
      const parts = layers.parts(items) || T.el("ul", "qh-parts");
      // what the page opens with stands at its top
      if (!plan.shown) parts.appendChild(T.el("li", "qh-told", T.pair(one.told[0], one.told[1])));
      const name = T.pair(plan.label[0], plan.label[1]);
      const label = proposed ? name : T.el("span", "", [T.word("scenario"), " · ", name]);
      layers.row("scenario-" + number, "", label, Boolean(app.showsPlan(number)),
        (is) => choose(app, number, is), parts);
    });
  }

  QH.scenarios = { prepare, paint, rows, choose };
})();
