// Where a trial begins. Opened over a proposal it begins with that: its sites are pins, what it
// closes is closed. Opened over another state the map goes back to today, and says so.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const by = (id) => document.getElementById(id);

  class Begin {
    constructor(panel) {
      this.panel = panel;
      this.from = null; // the number of the proposal that the trial began with, and its counts
      this.offer = -1; // the proposal that was on the map when a trial was taken up again
      this.line = QH.text.el("div", "qh-told");
      this.line.id = "qh-wi-begun";
      this.line.hidden = true;
      const box = by("qh-wi-result-box");
      box.parentNode.insertBefore(this.line, box);
    }

    seen() { return !by("qh-whatif").hidden; }

    name(number) { return this.panel.app.data.scenarios[number].label; }

    // The panel was opened: what it tells is what the map shows from now on.
    opened() {
      const panel = this.panel, app = panel.app, state = app.stages.state();
      this.offer = -1;
      if (!app.layers.on.trial) {
        // what the panel tells is on the map
        app.layers.on.trial = true;
        app.layers.draw();
        app.repaint();
      }
      if (!state.view && !app.compare.on) {
        this.draw(panel.shown);
        return;
      }
      const name = state.name, proposed = !app.compare.on && state.kind === "scenario" && state.proposed;
      if (proposed && (!panel.plan.active() || this.untouched())) {
        this.begin(state.number);
        return;
      }
      app.compare.close();
      app.stages.choose("today");
      if (proposed) this.offer = state.number;
      if (state.kind !== "today") panel.say(panel.plan.active() ? "begin_kept" : "begin_today", { name });
      this.draw(panel.shown);
    }

    // Another state was put on the map: its figures are beside it, and those of the trial are not.
    follow() {
      const app = this.panel.app, state = app.stages.state();
      const away = state.view || app.compare.on;
      if (!away || !this.seen() || document.body.classList.contains("qh-briefing")) return;
      by("qh-tab-legend").click();
    }

    untouched() { return Boolean(this.from) && this.panel.plan.now === this.from.plan; }

    // Sites as pins where Python has linked them, else where the page links them; what closes.
    items(number) {
      const out = [], { model, app } = this.panel;
      app.data.scenarios[number].services.forEach((one, service) => {
        one.sites.forEach((site) => {
          const [lat, lon] = site.at, [edge, offset_mm, access_mm] = site.link || [];
          const at = site.link ? { edge, offset_mm, access_mm } : model.link(service, lat, lon);
          if (!at || at.edge === undefined) return;
          out.push({
            what: "add", service, name: QH.text.line(...site.name), from: null,
            at: { edge: at.edge, offset_mm: at.offset_mm, access_mm: at.access_mm || 0, lat, lon },
          });
        });
        one.dropped.forEach((row) => out.push({ what: "close", service, row }));
      });
      return out;
    }

    begin(number) {
      const panel = this.panel, { plan, app } = panel, items = this.items(number);
      if (!items.length || items.length > QH.whatIf.Plan.MOST) {
        app.stages.choose("today");
        panel.say(items.length ? "begin_many" : "begin_today", {
          name: this.name(number), n: items.length, most: QH.whatIf.Plan.MOST,
        }, items.length > 0);
        return;
      }
      this.offer = -1;
      app.stages.choose("today");
      plan.now = { items: items.map((it) => Object.assign(it, { id: ++plan.last })), terms: {} };
      plan.past = [];
      plan.future = [];
      plan.merging = null;
      this.from = {
        number, plan: plan.now,
        counts: app.data.services.map((it, service) => panel.sums.now(service).counts),
      };
      panel.changed();
      panel.say("begin_said", { name: this.name(number), n: items.length });
    }

    // What the trial began with, and how it differs from that now.
    draw(result) {
      const panel = this.panel, service = panel.app.at, T = QH.text, W = QH.whatIf;
      const from = panel.plan.active() ? this.from : null;
      this.line.textContent = "";
      this.line.hidden = !from && this.offer < 0;
      if (from && result) {
        const own = panel.sums.group(service), base = from.counts[service][own].covered;
        this.line.appendChild(W.told("begin_from", {
          name: this.name(from.number), n: W.amount(base), unit: panel.result.unit(),
          change: W.change(base, result.after[own].covered),
        }));
      }
      if (this.offer < 0) return;
      const number = this.offer, button = W.button("qh-link", W.told("begin_anew", { name: this.name(number) }),
        () => this.begin(number));
      this.line.appendChild(T.el("p", "", button));
    }

    // From the card of a proposed site: the same, with its pin chosen.
    site(found) {
      const panel = this.panel, service = found.service;
      const { at } = panel.app.data.scenarios[found.plan].services[service].sites[found.row];
      by("qh-tab-whatif").click();
      this.opened();
      const it = panel.plan.ofService(service, "add").find((one) => one.at.lat === at[0] && one.at.lon === at[1]);
      if (it) panel.go(it);
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Begin = Begin;
})();
