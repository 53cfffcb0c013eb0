// Questions with answers that quarterhour computed when it wrote the page: the page asks itself.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const WEIGHTS = 1009;

  function checksum(place, value) {
    let sum = 0;
    for (let i = 0; i < place.length; i++) sum += ((place[i] % WEIGHTS) + 1) * (value(i) + 1);
    return sum;
  }

  function position([edge, offset_mm, access_mm]) {
    return { edge, offset_mm, access_mm };
  }

  // What the page finds, in the words of the answer.
  function asked(model, it) {
    const k = it.service;
    const options = { cutoff_ms: it.cutoff_ms, speed_mmph: it.speed_mmph || undefined };
    const demand = model.demands[model.services[k].sent.demand], people = {};
    if (it.ask === "add") {
      const { place, ms } = model.bench(k, options).within(position(it.at), it.cutoff_ms);
      for (const group of demand.groups) {
        people[group] = place.reduce((sum, p) => sum + demand.amounts[group][p], 0);
      }
      return { n: place.length, sum: checksum(place, (i) => ms[i]), people };
    }
    const state = model.state(k, Object.assign(options, {
      pins: it.pins.map(position), closed: it.closed, limit_ms: model.services[k].limit_ms,
    }));
    const place = [];
    for (let p = 0; p < demand.n; p++) if (state.ms[p] >= 0) place.push(p);
    for (const group of demand.groups) people[group] = state.counts[group].covered;
    return {
      n: place.length,
      sum: checksum(place, (i) => state.ms[place[i]]),
      sources: checksum(place, (i) => state.source[place[i]]),
      people,
    };
  }

  function run(model) {
    const failed = [];
    model.head.answers.forEach((it, number) => {
      let found = {};
      try {
        found = asked(model, it);
      } catch (error) {
        found = { error: String(error) };
      }
      const same = Object.keys(found).every((key) =>
        key === "people"
          ? Object.keys(it.people).every((group) => it.people[group] === found.people[group])
          : it[key] === found[key]
      );
      if (!same) failed.push({ number, asked: it, found });
    });
    return { ok: failed.length === 0, failed, n: model.head.answers.length };
  }

  parts.selftest = { run };
})(typeof window !== "undefined" ? window : globalThis);
