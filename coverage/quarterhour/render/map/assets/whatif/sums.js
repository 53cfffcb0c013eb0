// What the changes do, by the model: figures before and after, places gained and lost, people left
// in each gap. All amounts are millionths of a person (or of the unit that is counted).
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const MICRO = 1e6;
  const KEPT = 12;

  class Sums {
    constructor(model, plan, data) {
      this.model = model;
      this.plan = plan;
      this.data = data;
      this.states = new Map();
      this.gapsOf = [];
    }

    // What the model is asked for a service; `skip` is the id of an item to leave out, and `only`
    // "terms" leaves out all items.
    options(service, { skip, only } = {}) {
      const plan = this.plan, terms = plan.now.terms[service] || {};
      const use = (it) => it.id !== skip && !only;
      const items = plan.now.items.filter(use);
      const bare = (at) => ({ edge: at.edge, offset_mm: at.offset_mm, access_mm: at.access_mm || 0 });
      const out = {
        closed: plan.now.items
          .filter((it) => it.service === service && !only &&
            (it.what === "close" || (it.what === "add" && it.from !== null)))
          .map((it) => (it.what === "close" ? it.row : it.from)),
        pins: items.filter((it) => it.what === "add" && it.service === service)
          .map((it) => bare(it.at)),
        cuts: items.filter((it) => it.what === "cut").map((it) => bare(it.at)),
        links: items.filter((it) => it.what === "link").map((it) => ({
          from: bare(it.from), to: bare(it.to), length_mm: it.length_mm,
        })),
      };
      if (terms.speed_mmph) out.speed_mmph = terms.speed_mmph;
      if (terms.cutoff_ms) out.cutoff_ms = terms.cutoff_ms;
      return out;
    }

    // Ids of the pins of a service in the order of the model's sources.
    pinsOf(service) { return this.plan.ofService(service, "add"); }

    of(service, options) {
      const key = service + JSON.stringify(options);
      let state = this.states.get(key);
      if (!state) {
        state = this.model.state(service, options);
        state.options = options;
        this.states.set(key, state);
        // today's states are always wanted
        if (this.states.size > KEPT + this.data.services.length) {
          for (const old of this.states.keys()) {
            if (old.length > 2 && !old.endsWith("{}")) {
              this.states.delete(old);
              break;
            }
          }
        }
      }
      return state;
    }

    today(service) { return this.of(service, {}); }

    now(service) { return this.plan.active() ? this.of(service, this.options(service)) : this.today(service); }

    terms(service) { return this.of(service, this.options(service, { only: "terms" })); }

    without(service, id) { return this.of(service, this.options(service, { skip: id })); }

    cutoff(service) {
      const terms = this.plan.now.terms[service] || {};
      return terms.cutoff_ms || this.model.services[service].cutoff_ms;
    }

    // Whether more than pins is changed, so that today's service area is no longer true.
    whole(service) {
      return this.plan.closedRows(service).length > 0 || Boolean(this.plan.now.terms[service]) ||
        this.plan.now.items.some((it) => it.what === "cut" || it.what === "link");
    }

    // One byte per place: whether it is covered in a state.
    covered(service, state, cutoff) {
      if (!state.inside || state.insideAt !== cutoff) {
        const n = state.ms.length, out = new Uint8Array(n);
        for (let i = 0; i < n; i++) out[i] = state.ms[i] >= 0 && state.ms[i] <= cutoff ? 1 : 0;
        state.inside = out;
        state.insideAt = cutoff;
      }
      return state.inside;
    }

    // Everything that the panel and the map show of a state; `added` is a pin under the pointer.
    result(service, state, added) {
      const before = this.today(service);
      const was = this.covered(service, before, this.model.services[service].cutoff_ms);
      const is = this.covered(service, state, this.cutoff(service));
      if (!state.apart) state.apart = this.apart(service, was, is);
      let { gained, lost, left } = state.apart;
      let counts = state.counts;
      if (added) {
        const gaps = this.gaps(service), amounts = this.amounts(service);
        const reached = added.places.filter((p) => !is[p]);
        const back = new Set(reached.filter((p) => was[p]));
        gained = gained.concat(reached.filter((p) => !was[p]));
        if (back.size) lost = lost.filter((p) => !back.has(p));
        if (gaps) {
          left = left.slice();
          for (const p of reached) if (gaps.of[p] >= 0) left[gaps.of[p]] -= amounts[p];
        }
        counts = {};
        for (const key of Object.keys(state.counts)) {
          const c = state.counts[key], more = added.gained[key] || 0;
          counts[key] = Object.assign({}, c, {
            covered: c.covered + more, uncovered: c.uncovered - more,
          });
        }
      }
      return { before: before.counts, after: counts, gained, lost, left };
    }

    apart(service, was, is) {
      const gained = [], lost = [], gaps = this.gaps(service), amounts = this.amounts(service);
      const left = gaps ? gaps.people.slice() : null;
      for (let p = 0; p < was.length; p++) {
        if (is[p] && !was[p]) gained.push(p);
        if (was[p] && !is[p]) lost.push(p);
        if (gaps && is[p] && gaps.of[p] >= 0) left[gaps.of[p]] -= amounts[p];
      }
      return { gained, lost, left };
    }

    group(service) { return this.model.services[service].group; }

    amounts(service) { return this.model.demand(service).amounts[this.group(service)]; }

    sum(service, places) {
      const amounts = this.amounts(service);
      return places.reduce((sum, p) => sum + amounts[p], 0);
    }

    // The gap of each place and the people of each gap, null where nobody looked for gaps.
    gaps(service) {
      if (this.gapsOf[service] !== undefined) return this.gapsOf[service];
      const drawn = this.data.services[service].gaps, of = this.model.demand(service).gap;
      if (!drawn || !drawn.n || !of) return (this.gapsOf[service] = null);
      // those that are not linked are in gaps too, and stay there
      const people = drawn.people.map((n) => Math.round(n * MICRO)), linked = people.map(() => 0);
      const amounts = this.amounts(service);
      for (let p = 0; p < of.length; p++) if (of[p] >= 0) linked[of[p]] += amounts[p];
      // drawn amounts are rounded to tenths: where all are linked the exact sum is known
      people.forEach((n, g) => { if (Math.abs(n - linked[g]) < 0.06 * MICRO) people[g] = linked[g]; });
      return (this.gapsOf[service] = { of, people });
    }

    // Gaps by the people that are left in them, the most first; at equal numbers as today.
    ranking(service, left) {
      return left.map((n, row) => ({ row, left: n })).sort((a, b) => b.left - a.left || a.row - b.row);
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Sums = Sums;
  QH.whatIf.MICRO = MICRO;
})();
