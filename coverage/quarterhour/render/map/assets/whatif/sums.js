// What the changes do, by the model: figures before and after, places gained and lost, people left
// in each gap. All amounts are millionths of a person (or of the unit that is counted).
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const MICRO = 1e6;
  const KEPT = 12;
  const GAINED = 1, LOST = 2;

  // People of places in millionths that add up to those of their gap by the report, where places
  // have rounded ones: nobody is left in a gap that is filled, and gaps keep their order.
  function fitted(of, amounts, linked, people) {
    const out = new Float64Array(amounts.length), seen = people.map(() => 0), given = people.map(() => 0);
    for (let p = 0; p < of.length; p++) {
      const g = of[p];
      if (g < 0 || !(amounts[p] > 0)) continue;
      seen[g] += amounts[p];
      const upTo = Math.round((seen[g] / linked[g]) * people[g]);
      out[p] = upTo - given[g];
      given[g] = upTo;
    }
    return out;
  }

  class Sums {
    constructor(model, plan, data) {
      this.model = model;
      this.plan = plan;
      this.data = data;
      this.states = new Map();
      this.gapsOf = [];
      this.crowds = [];
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

    // Everything that the panel and the map show of a state; `added` is a pin under the pointer.
    // `mark` has GAINED and LOST for the places that change.
    result(service, state, added) {
      const before = this.today(service), was = before.inside, is = state.inside;
      if (!state.apart) state.apart = this.apart(service, was, is);
      const found = Object.assign({ before: before.counts, after: state.counts }, state.apart);
      if (!added) return found;
      const gaps = this.gaps(service), amounts = this.amounts(service);
      found.mark = found.mark.slice();
      found.left = found.left && found.left.slice();
      for (const p of added.places) {
        if (is[p]) continue;
        if (was[p]) found.lost -= amounts[p];
        else found.gained += amounts[p];
        found.mark[p] = was[p] ? 0 : GAINED;
        if (gaps && gaps.of[p] >= 0) found.left[gaps.of[p]] -= gaps.amounts[p];
      }
      found.after = {};
      for (const key of Object.keys(state.counts)) {
        const c = state.counts[key], more = added.gained[key] || 0;
        found.after[key] = Object.assign({}, c, {
          covered: c.covered + more, uncovered: c.uncovered - more,
        });
      }
      return found;
    }

    // Amounts of the places gained and lost, and what is left of each gap.
    apart(service, was, is) {
      const gaps = this.gaps(service), amounts = this.amounts(service), n = was.length;
      const left = gaps ? gaps.people.slice() : null, mark = new Uint8Array(n);
      let gained = 0, lost = 0;
      for (let p = 0; p < n; p++) {
        if (is[p] !== was[p]) {
          mark[p] = is[p] ? GAINED : LOST;
          if (is[p]) gained += amounts[p];
          else lost += amounts[p];
        }
        if (gaps && is[p] && gaps.of[p] >= 0) left[gaps.of[p]] -= gaps.amounts[p];
      }
      return { mark, gained, lost, left };
    }

    group(service) { return this.model.services[service].group; }

    amounts(service) { return this.model.demand(service).amounts[this.group(service)]; }

    // The places as symbols of the map.
    crowd(service) {
      if (!this.crowds[service]) {
        const like = this.data.services[service].uncovered.levels;
        this.crowds[service] = new QH.whatIf.Crowd(
          this.model.demand(service), this.amounts(service), MICRO, like
        );
      }
      return this.crowds[service];
    }

    // The gap of each place and the people of each gap, null where nobody looked for gaps.
    gaps(service) {
      if (this.gapsOf[service] !== undefined) return this.gapsOf[service];
      const drawn = this.data.services[service].gaps, demand = this.model.demand(service);
      if (!drawn || (drawn.n && !demand.gap)) return (this.gapsOf[service] = null);
      const of = demand.gap || new Int32Array(demand.n).fill(-1); // today there are none
      // those that are not linked are in gaps too, and stay there
      const people = drawn.people.map((n) => Math.round(n * MICRO)), linked = people.map(() => 0);
      const amounts = this.amounts(service);
      for (let p = 0; p < of.length; p++) if (of[p] >= 0) linked[of[p]] += amounts[p];
      // drawn amounts are rounded to tenths: where all are linked the exact sum is known
      people.forEach((n, g) => { if (Math.abs(n - linked[g]) < 0.06 * MICRO) people[g] = linked[g]; });
      const own = this.model.rounding ? fitted(of, amounts, linked, people) : amounts;
      return (this.gapsOf[service] = { of, people, amounts: own });
    }

    // Gaps of today, and those that are new, by the people that are left in them, the most first; at
    // equal numbers as today, and then the new ones in their order.
    ranking(service, left, fresh) {
      return left.map((n, row) => ({ row, left: n }))
        .concat(fresh.map((it, k) => ({ row: left.length + k, left: it.people, fresh: it })))
        .sort((a, b) => b.left - a.left || a.row - b.row);
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Sums = Sums;
  Object.assign(QH.whatIf, { MICRO, GAINED, LOST });
})();
