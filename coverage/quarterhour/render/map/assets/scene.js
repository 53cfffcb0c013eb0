// What the sheets show, bottom to top, and what lies under the pointer; both belong to a state of the
// service: as it is today, or otherwise (stages.js).
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const REACH_PX = 7;
  const NAMES_FROM_ZOOM = 15;
  const AIMED_FROM_ZOOM = 15;
  const PLACE = { size: 12, weight: 500, align: "center", colour: "#6A747B" };
  const DISTRICT = { colour: "#84708F", width: 1.4, dash: [9, 3, 2, 3] };

  QH.scene = {
    paintBase(view) {
      if (this.layers.on.scenery) QH.paint.scenery(view, this);
      if (this.layers.on.roads) QH.paint.roads(view, this.roads);
    },

    paintData(view) {
      if (this.compare.on) this.compare.paint(view, (inner, state) => this.paintState(inner, state));
      else this.paintState(view, this.stages.state());
    },

    // Whether a scenario is drawn: over today's map those that the reader turned on, else its own.
    showsPlan(number) {
      if (this.compare.on) return false;
      const state = this.stages.state();
      return state.view ? state.number === number : this.layers.on["scenario-" + number];
    },

    // While something can be tried, what a trial changes and what lies above that have their own sheets.
    paintState(view, state) {
      const apart = this.whatIf && this.whatIf.parts(view, !state.view && !this.compare.on);
      this.paintUnder(view, state);
      if (apart) return;
      if (!state.view && this.whatIf) this.whatIf.paintTrial(view);
      this.paintOver(view, state);
    },

    paintUnder(view, state) {
      const P = QH.paint, service = this.data.services[state.at], own = this.ownArea();
      this.paintBelow(view, state, service);
      if (own) P.highlight(view, own, service.bands[0]);
      if (!state.view) this.paintPlaces(view, service);
    },

    // What nothing may hide: gaps above all, and what is written.
    paintOver(view, state) {
      const on = this.layers.on, own = this.ownArea(), taken = [];
      const gaps = on.gaps ? QH.gapStates.of(this, state) : null;
      if (gaps) gaps.filled = !state.view && this.whatIf ? this.whatIf.filled(state.at) : null;
      if (state.view) QH.stages.paint(view, this, state, gaps);
      else {
        if (gaps) QH.gaps.paint(view, gaps, this.data.colours, this.gapList.row);
        QH.scenarios.paint(view, this);
      }
      this.paintGaps(view, state, gaps, taken);
      if (own && this.selected.what === "site") QH.sites.outline(view, own);
      this.paintNames(view, this.data.services[state.at], taken);
    },

    paintBelow(view, state, service) {
      const P = QH.paint, on = this.layers.on, today = !state.view;
      const bare = (layer) => Boolean(this.whatIf && this.whatIf.hides(layer));
      if (on.districts) P.outline(view, this.districts, DISTRICT);
      if (today && !bare("areas")) {
        const bands = this.layers.bands(service);
        P.cached(view, "bands-" + state.at, bands.join(), (inner) => P.bands(inner, service, bands));
      }
      if (today && on.residential && service.residential && !bare("residential")) {
        P.residential(view, service.residential, this.data.statuses, this.data.colours);
      }
      if (on.boundary) {
        P.outline(view, this.boundary, {
          colour: "#2B3237", width: 2, dash: [9, 6], halo: "rgba(255,255,255,.7)",
        });
      }
      this.layers.paintOthers(view);
      if (today) QH.sites.areas(view, this);
    },

    paintPlaces(view, service) {
      const P = QH.paint, on = this.layers.on, C = this.data.colours;
      if (on.covered && service.covered) P.places(view, service.covered.levels, "dot", C.covered);
      if (on.uncovered) P.streets(view, service.streets, C.gap);
      if (on.unlinked) P.places(view, service.unlinked.levels, "ring", C.unlinked);
      const bare = this.whatIf && this.whatIf.hides("places");
      if (on.uncovered && !bare) P.places(view, service.uncovered.levels, "dot", C.gap);
    },

    // What lies above everything of a state: walks and the numbers of its gaps.
    paintGaps(view, state, gaps, taken) {
      const chosen = this.gapList.row;
      if (this.walk && this.walk.state === state.key) QH.gaps.route(view, this.walk, 0, taken);
      if (!gaps) return;
      const trial = Boolean(this.whatIf) && !state.view && this.whatIf.leftIn(chosen) !== null;
      if (chosen >= 0) QH.gaps.route(view, gaps, chosen, taken, trial);
      const pins = this.whatIf && !state.view ? this.whatIf.pinBoxes(view) : [];
      const boxes = this.markBoxes(view).concat(this.sites.boxes(view, state), pins);
      const fresh = this.whatIf && !state.view ? this.whatIf.paintFresh(view, boxes.concat(taken)) : [];
      QH.gaps.numbers(view, gaps, taken.concat(boxes, fresh), this.data.colours, chosen);
      for (const it of gaps.drawn) taken.push(it.box);
    },

    paintNames(view, service, taken) {
      const P = QH.paint, on = this.layers.on;
      taken.push(...this.sites.boxes(view));
      if (on.districts) {
        // a little higher or lower where a number or a facility stands in the way
        P.labels(view, this.districtNames, taken, {
          size: 13, weight: 600, align: "center", colour: "#4A545B", beside: this.markBoxes(view),
          shifts: [0, -16, 16, -28, 28, -40, 40],
        });
      }
      if (on.names) {
        taken.push(...this.markBoxes(view));
        for (const [least, names] of this.placeNames) {
          if (view.zoom >= least) P.labels(view, names, taken, PLACE);
        }
      }
      this.sites.labels(view, taken);
      if (on.facilities && view.zoom >= NAMES_FROM_ZOOM) {
        const alone = this.marks.spots(view.scale).filter((one) => one.rows.length === 1);
        P.labels(view, alone.map((one) => service.names[one.rows[0]]), taken, {
          size: 12, weight: 500, align: "left", shift: 18, colour: "#20262B",
        });
      }
    },

    // Where facilities lie, which are above the sheets.
    markBoxes(view) {
      if (!this.layers.on.facilities) return [];
      const half = this.marks.size(this.service()) / 2;
      return this.marks.spots(view.scale).concat(this.marks.beside()).map((it) => {
        const x = it.x * view.scale - view.left, y = it.y * view.scale - view.top;
        return [x - half, y - half, x + half, y + half];
      });
    },

    ownArea() {
      const found = this.selected;
      if (found && found.what === "site") return QH.sites.areaOf(this, found);
      if (!found || found.what !== "facility" || found.service !== this.at) return null;
      const number = this.service().facilities[found.row].area;
      return number ? this.service().areas[number - 1] : null;
    },

    // The state that is drawn at a place.
    stateAt(latlng) {
      if (!this.compare.on) return this.stages.state();
      return this.compare.stateAt(this.map.latLngToContainerPoint(latlng));
    },

    // What lies at a place, and the gap that it lies in.
    findAt(latlng) {
      const x = QH.decode.worldX(latlng.lng), y = QH.decode.worldY(latlng.lat);
      const state = this.stateAt(latlng), scale = this.scale();
      const gaps = this.layers.on.gaps && QH.gapStates.of(this, state);
      if (!gaps) return this.findPlace(state, x, y, scale);
      const number = QH.gaps.numberAt(gaps, x, y, scale);
      if (number >= 0) return { what: "gap", service: state.at, row: number, state: state.key };
      const found = this.findPlace(state, x, y, scale), gap = QH.gaps.extentAt(gaps, x, y);
      // places that are not drawn give way to the gap while they cannot be aimed at
      if (gap >= 0 && (!found || (found.hidden && this.map.getZoom() < AIMED_FROM_ZOOM))) {
        return { what: "gap", service: state.at, row: gap, state: state.key };
      }
      return found && found.what !== "covered" ? Object.assign(found, { gap }) : found;
    },

    // Places first, then residential areas, then places that are covered: those are not drawn.
    findPlace(state, x, y, scale) {
      if (this.whatIf && this.whatIf.hides("places")) return null; // they tell of today
      const on = this.layers.on, service = this.data.services[state.at];
      for (const [what, dots] of QH.stages.placesOf(this, state)) {
        const found = this.nearDot(state, what, dots, x, y, scale);
        if (found) return found;
      }
      const verdicts = !state.view || state.view.residential;
      if (on.residential && service.residential && verdicts) {
        const row = QH.find.shapeAt(service.residential.shapes, x, y);
        if (row >= 0) return { what: "area", service: state.at, row, state: state.key };
      }
      if (state.view) return null;
      if (service.covered && on.covered) return this.nearDot(state, "covered", service.covered, x, y, scale);
      return this.nearPlace(state, x, y, scale);
    },

    // The nearest of the places that are not drawn: each by itself, however many they are.
    nearPlace(state, x, y, scale) {
      const own = this.data.services[state.at], asked = own.covered ? null : QH.reach.of(this, state.at);
      const lists = own.covered ? [["covered", (own.alone = own.alone || QH.reach.single(own.covered))]] :
        asked ? [["covered", asked.covered.levels], ...(asked.uncovered ? [["uncovered", asked.uncovered.levels]] : [])] : [];
      let best = null, least = REACH_PX / scale;
      for (const [what, levels] of lists) {
        const level = levels.level(1), row = level.index.near(x, y, least);
        if (row < 0) continue;
        least = Math.hypot(level.x[row] - x, level.y[row] - y);
        best = { what, service: state.at, row, times: 1, state: state.key, hidden: true };
      }
      return best;
    },

    nearDot(state, what, dots, x, y, scale) {
      const levels = dots.levels, level = levels.at(scale), px = 1 / scale;
      const most = QH.Levels.radius(level, Infinity, scale);
      const row = level.index.near(x, y, Math.max(REACH_PX, most) * px);
      if (row < 0) return null;
      const r = QH.Levels.radius(level, level.amount[row], scale);
      const apart = Math.hypot(level.x[row] - x, level.y[row] - y);
      if (apart > Math.max(REACH_PX, r + 2) * px) return null;
      return { what, service: state.at, row, times: levels.times(scale), state: state.key };
    },

    // The gaps that a found one is among, or lies in.
    gapsOf(found) {
      return QH.gapStates.of(this, this.stateOf(found) || this.stages.state());
    },

    stateOf(found) {
      return QH.stages.statesOf(this, this.at).find((it) => it.key === found.state) || null;
    },

    // The places that a found one is among.
    dotsOf(found) {
      const service = this.data.services[found.service];
      if (found.what === "unlinked") return service.unlinked;
      if (found.what === "covered") return service.covered || QH.reach.of(this, found.service).covered;
      const state = this.stateOf(found);
      const asked = !service.uncovered.n && !service.covered && QH.reach.of(this, found.service);
      if (!state || !state.view) return asked && asked.uncovered ? asked.uncovered : service.uncovered;
      return found.what === "uncovered" ? QH.stages.leftOver(service, state.view) :
        state.view[found.what];
    },
  };
})();
