// The gain of every position as a surface, the best next one, and a reference to compare with.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  const by = (id) => document.getElementById(id);

  class Best {
    constructor(panel) {
      this.panel = panel;
      this.found = null; // {service, gains, levels, node, at, key}
      this.reference = null; // {service, sites, added, yours, key}
      this.shown = false;
      this.work = null;
      by("qh-wi-best-start").addEventListener("click", () => this.run());
      by("qh-wi-best-cancel").addEventListener("click", () => this.cancel());
      by("qh-wi-best-off").addEventListener("click", () => this.show(!this.shown));
      by("qh-wi-best-add").addEventListener("click", () => this.take());
      by("qh-wi-compare-start").addEventListener("click", () => this.compare());
      by("qh-wi-compare-cancel").addEventListener("click", () => this.cancel());
      by("qh-wi-compare-show").addEventListener("change", () => panel.repaintTop());
    }

    optimum() {
      const all = this.panel.app.data.optimum || [];
      return all.find((it) => it.service === this.panel.app.at) || null;
    }

    // What a computation belongs to: it is out of date when this has changed.
    key() {
      const at = this.panel.app.at;
      return at + JSON.stringify(this.panel.sums.options(at));
    }

    cancel() { if (this.work) this.work.cancelled = true; }

    // One computation at a time; null when it was cancelled or has failed.
    async gains(state, work, from, parts) {
      const bar = by(work.bar);
      const gains = await this.panel.model.gains(this.panel.app.at, state, {
        onProgress: (share) => { bar.value = (from + share) / parts; },
        cancelled: () => work.cancelled,
      });
      return work.cancelled ? null : gains;
    }

    start(bar) {
      this.cancel();
      this.work = { cancelled: false, bar };
      by(bar).value = 0;
      this.draw();
      return this.work;
    }

    stop(work) {
      if (this.work !== work) return;
      this.work = null;
      if (work.cancelled) this.panel.say("cancelled");
      this.refresh();
    }

    // The node of the largest gain, of equal ones the first; -1 where nobody is gained.
    static top(gains) {
      let best = -1;
      for (let i = 0; i < gains.length; i++) if (gains[i] > 0 && (best < 0 || gains[i] > gains[best])) best = i;
      return best;
    }

    async run() {
      const panel = this.panel, service = panel.app.at, key = this.key();
      const work = this.start("qh-wi-best-bar");
      const gains = await this.gains(panel.sums.now(service), work, 0, 1);
      if (gains) {
        const node = Best.top(gains);
        this.found = {
          service, gains, node, key,
          levels: node < 0 ? [] : QH.whatIf.paint.classes(gains[node] / QH.whatIf.MICRO),
          at: node < 0 ? null : panel.model.at(node),
        };
        this.shown = node >= 0;
      }
      this.stop(work);
    }

    show(is) {
      this.shown = is;
      this.refresh();
    }

    refresh() {
      this.draw();
      this.panel.app.layers.draw();
      this.panel.repaintAll();
    }

    // The surface that is on the map now, null for none.
    surface() {
      const it = this.found;
      const away = document.body.classList.contains("qh-briefing");
      return it && this.shown && !away && it.service === this.panel.app.at ? it : null;
    }

    take() {
      const panel = this.panel, it = this.found;
      if (!it || !it.at) return;
      panel.addPin(it.at, panel.plan.nextName(), null);
    }

    // The same number of new facilities, chosen one after the other by the largest gain.
    async compare() {
      const panel = this.panel, service = panel.app.at, own = panel.sums.group(service);
      const mine = panel.plan.ofService(service, "add"), key = this.key();
      const options = panel.sums.options(service);
      const bare = Object.assign({}, options, {
        pins: [], closed: panel.plan.ofService(service, "close").map((it) => it.row)
          .concat(mine.filter((it) => it.from !== null).map((it) => it.from)),
      });
      const without = panel.sums.of(service, bare);
      const yours = panel.sums.now(service).counts[own].covered - without.counts[own].covered;
      const known = this.optimum();
      if (known) {
        const sites = known.sites.map((it) => {
          const at = Array.isArray(it) ? { name: it[0], lon: it[1], lat: it[2] } : it;
          return { name: at.name, lat: at.at ? at.at[0] : at.lat, lon: at.at ? at.at[1] : at.lon };
        });
        const added = known.added[own] === undefined ? null :
          Math.round(known.added[own] * QH.whatIf.MICRO);
        this.reference = { service, key, kind: "optimum", sites, added, yours, mine: mine.length };
        this.draw();
        panel.repaintTop();
        panel.showAll(sites);
        return;
      }
      const work = this.start("qh-wi-compare-bar"), sites = [];
      let state = without, broken = false;
      for (let i = 0; i < mine.length; i++) {
        const gains = await this.gains(state, work, i, mine.length);
        if (!gains) {
          broken = true;
          break;
        }
        const node = Best.top(gains);
        if (node < 0) break;
        sites.push(panel.model.at(node));
        state = panel.model.state(service, Object.assign({}, bare, {
          pins: sites.map((at) => ({ edge: at.edge, offset_mm: at.offset_mm, access_mm: 0 })),
        }));
      }
      if (!broken) {
        const added = state.counts[own].covered - without.counts[own].covered;
        this.reference = { service, key, kind: "theirs", sites, added, yours, mine: mine.length };
      }
      this.stop(work);
      if (!broken) panel.showAll(sites);
    }

    draw() {
      const panel = this.panel, busy = this.work, now = this.key();
      const here = this.found && this.found.service === panel.app.at ? this.found : null;
      const best = busy && busy.bar === "qh-wi-best-bar";
      const comparing = busy && busy.bar === "qh-wi-compare-bar";
      by("qh-wi-best-work").hidden = !best;
      by("qh-wi-compare-work").hidden = !comparing;
      by("qh-wi-best-start").disabled = Boolean(busy);
      const start = QH.text.word(here ? "best_again" : "best_start");
      QH.text.renew(by("qh-wi-best-start"), QH.text.el("div", "", start));
      by("qh-wi-best-off").hidden = !here || here.node < 0;
      by("qh-wi-best-off").setAttribute("aria-pressed", String(!this.shown));
      this.told(here, now);
      this.compared(now, busy);
    }

    told(here, now) {
      const panel = this.panel, T = QH.text, W = QH.whatIf, box = by("qh-wi-best-told");
      box.textContent = "";
      by("qh-wi-best-add").hidden = !here || here.node < 0 || here.key !== now;
      if (!here) return;
      if (here.key !== now) box.appendChild(T.el("p", "qh-told qh-wi-note", T.word("best_stale")));
      if (here.node < 0) {
        box.appendChild(T.el("p", "qh-told", T.word("best_none")));
        return;
      }
      const group = panel.app.data.unit === "people" ?
        panel.result.groupName(panel.sums.group(here.service)) : panel.app.data.words.all_demand;
      box.appendChild(T.el("p", "qh-told", W.told("best_found", {
        n: W.amount(here.gains[here.node]), unit: panel.result.unit(), group,
      })));
      if (!this.shown) return;
      box.appendChild(T.el("p", "qh-wi-scale-title", T.word("best_legend")));
      box.appendChild(T.el("ul", "qh-wi-scale", this.scale(here).map(([swatch, says]) =>
        T.el("li", "", [swatch, T.el("span", "", says)]))));
    }

    // What the tones of the surface mean: [symbol, amounts].
    scale({ levels }) {
      const T = QH.text, W = QH.whatIf, colours = W.paint.shades(levels.length);
      return levels.map((low, i) => {
        const high = levels[i + 1];
        const says = high === undefined ? "≥ " + T.quantity(low) :
          i === 0 ? "< " + T.quantity(high) : T.quantity(low) + "–" + T.quantity(high);
        return [QH.symbols.swatch.fill(colours[i], W.HEAT_OPACITY), says];
      });
    }

    compared(now, busy) {
      const panel = this.panel, T = QH.text, W = QH.whatIf, box = by("qh-wi-compare-told");
      const mine = panel.plan.ofService(panel.app.at, "add").length, known = this.optimum();
      const start = by("qh-wi-compare-start");
      start.disabled = Boolean(busy) || !mine;
      T.renew(start, T.el("div", "", T.word(known ? "compare_proposal" : "compare_greedy")));
      by("qh-wi-compare-need").hidden = mine > 0;
      by("qh-wi-compare-what").hidden = Boolean(known);
      box.textContent = "";
      const it = this.reference && this.reference.service === panel.app.at ? this.reference : null;
      by("qh-wi-compare-on").hidden = !it;
      if (!it) return;
      if (it.key !== now) box.appendChild(T.el("p", "qh-told qh-wi-note", T.word("compare_stale")));
      const unit = panel.result.unit();
      const line = (key, n, added) => T.el("tr", "", [
        T.el("th", "", W.told(key, { n })), T.el("td", "", W.signed(added)),
      ]);
      box.appendChild(T.el("table", "qh-wi-compare-table", [
        T.el("caption", "", T.word("compare_added")),
        T.el("tbody", "", [
          line("compare_yours", it.mine, it.yours),
          line("compare_" + it.kind, it.sites.length, it.added || 0),
        ]),
      ]));
      if (it.kind === "optimum") this.aboutOptimum(box, unit);
      const apart = it.yours - (it.added || 0);
      const key = apart < 0 ? "compare_short" : apart > 0 ? "compare_more" : "compare_equal";
      box.appendChild(T.el("p", "qh-told", T.el("b", "", W.told(key, {
        n: W.amount(Math.abs(apart)), unit,
        share: it.added > 0 ? QH.text.percent(it.yours / it.added) : "–",
      }))));
    }

    // How far the proposal is proven, and whether it answers the same question.
    aboutOptimum(box, unit) {
      const T = QH.text, W = QH.whatIf, known = this.optimum(), at = this.panel.app.at;
      const told = known.status === "optimal" ? T.word("compare_proven") :
        known.bound === null || known.bound === undefined ? T.word("compare_unproven") :
          W.told("compare_bound", { n: T.quantity(known.bound), unit });
      box.appendChild(T.el("p", "qh-told", told));
      const others = this.panel.sums.whole(at);
      if (others) box.appendChild(T.el("p", "qh-told qh-wi-note", T.word("compare_others")));
    }

    // Reference sites that the reader wants to see.
    stars() {
      const it = this.reference;
      return it && it.service === this.panel.app.at && by("qh-wi-compare-show").checked ?
        it.sites : [];
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Best = Best;
})();
