// Runs the page's own engine under Node: {model, tasks} on the standard input, answers on the output.
"use strict";
const fs = require("fs"), path = require("path"), vm = require("vm");

const assets = process.argv[2], files = process.argv.slice(3);
for (const file of files) {
  const name = path.join(assets, file);
  vm.runInThisContext(fs.readFileSync(name, "utf8"), { filename: name });
}

const list = (values) => (values === null ? null : Array.from(values));

const DO = {
  open: () => true,
  selftest: (model) => {
    const { ok, n, failed } = model.selftest();
    return { ok, n, failed };
  },
  network: (model) => {
    const net = model.net;
    return {
      key: net.key, tail: list(net.tail), head: list(net.head), kind: list(net.kind),
      rank: list(net.rank), oneway: list(net.oneway), length: list(net.length),
      first_piece: list(net.firstPiece), piece_start: list(net.pieceStart),
      slope: net.slope ? list(net.slope) : null, first_vertex: list(net.firstVertex),
      lon: list(net.lon), lat: list(net.lat),
    };
  },
  demand: (model, { k }) => {
    const demand = model.demand(k), amounts = {};
    for (const group of demand.groups) amounts[group] = list(demand.amounts[group]);
    return {
      edge: list(demand.edge), offset: list(demand.offset), access: list(demand.access), amounts,
      unlinked: demand.unlinked, lon: list(demand.lon), lat: list(demand.lat), gap: list(demand.gap),
    };
  },
  times: (model, { k, options }) => {
    const { walk } = model.bench(k, options || {});
    return {
      out: list(walk.out.edge), in: list(walk.in.edge), out_open: list(walk.outOpen),
      in_open: list(walk.inOpen), linkable: list(walk.linkable),
    };
  },
  within: (model, { k, at, cutoff_ms, options }) => {
    const found = model.bench(k, options || {}).within(at, cutoff_ms);
    return { place: list(found.place), ms: list(found.ms) };
  },
  add: (model, { k, at, options }) => {
    const found = model.add(model.state(k, options || {}), at);
    return { place: list(found.place), ms: list(found.at_ms), gained: found.gained };
  },
  state: (model, { k, options }) => {
    const state = model.state(k, options || {});
    return { ms: list(state.ms), source: list(state.source), counts: state.counts };
  },
  joined: (model, { k, rows, join_mm, options }) => {
    const { joined } = globalThis.Quarterhour.modelParts.joined;
    return list(joined(model.bench(k, options || {}), Int32Array.from(rows), join_mm));
  },
  parted: (model, { k, rows, cluster, reach_mm, x, y, weight }) => {
    const { parted } = globalThis.Quarterhour.modelParts.joined;
    return list(parted(model.bench(k), Int32Array.from(rows), cluster, reach_mm, x, y, weight));
  },
  reached: (model, { k, at, options }) => model.reached(k, at, options),
  covered: (model, { k, options }) => model.covered(model.state(k, options || {})),
  link: (model, { k, lat, lon, options }) => model.link(k, lat, lon, options),
  gains: async (model, { k, options }) => list(await model.gains(k, model.state(k), options || {})),
  node: (model, { node }) => model.at(node),
};

async function main() {
  const { model: sent, tasks } = JSON.parse(fs.readFileSync(0, "utf8"));
  let model;
  try {
    model = await globalThis.Quarterhour.Model.open(sent);
  } catch (error) {
    return { error: error instanceof Error ? error.message : "no Error: " + error };
  }
  const answers = [];
  for (const task of tasks) {
    try {
      answers.push(await DO[task.do](model, task));
    } catch (error) {
      answers.push({ error: String(error && error.stack) });
    }
  }
  return { answers };
}

main().then((result) => fs.writeSync(1, JSON.stringify(result)));
