// What each pin would add alone, and all of them together: told once the pins rest.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const REST_MS = 200;
  const MOST = 30; // for more pins the list says enough

  class Shares {
    constructor(panel) {
      this.panel = panel;
      this.list = document.getElementById("qh-wi-list");
      this.joint = QH.text.el("p", "qh-told");
      this.joint.id = "qh-wi-joint";
      this.joint.hidden = true;
      this.list.parentNode.insertBefore(this.joint, this.list.nextSibling);
    }

    // What was true of other places of the pins is not left standing.
    clear() {
      clearTimeout(this.waiting);
      this.joint.hidden = true;
      this.list.querySelectorAll(".qh-wi-alone").forEach((it) => { it.textContent = ""; });
    }

    later() {
      this.clear();
      this.waiting = setTimeout(() => { if (!this.panel.drag) this.draw(); }, REST_MS);
    }

    draw() {
      const panel = this.panel, service = panel.app.at, pins = panel.plan.ofService(service, "add");
      if (!pins.length || pins.length > MOST) return;
      const W = QH.whatIf, unit = panel.result.unit(), own = panel.sums.group(service);
      const bare = Object.assign({}, panel.sums.options(service), { pins: [] });
      const without = panel.sums.of(service, bare);
      const from = without.counts[own].covered;
      const gains = pins.map((it) => panel.model.add(without, it.at).gained[own]);
      const told = gains.map((gain) => W.difference(from, from + gain));
      const sum = () => Math.round(10 * told.reduce((a, b) => a + b, 0)) / 10;
      const now = panel.sums.now(service).counts[own].covered, joint = W.difference(from, now);
      const apart = gains.reduce((a, b) => a + b, 0) === now - from;
      // what is apart by rounding alone is not told as shared: the largest takes the difference
      if (apart && pins.length > 1 && Number.isFinite(joint)) {
        const largest = gains.indexOf(Math.max(...gains));
        told[largest] = Math.round(10 * (told[largest] + joint - sum())) / 10;
      }
      pins.forEach((it, i) => {
        const place = this.list.querySelector('[data-item="' + it.id + '"] .qh-wi-alone');
        const n = told[i] > 0 ? "+" + QH.text.amount(told[i]) : W.change(from, from + gains[i]);
        if (place) place.appendChild(W.told("pin_alone", { n, unit }));
      });
      if (pins.length < 2) return;
      const both = Math.round(10 * (sum() - joint)) / 10, shown = QH.text.amount;
      if (!Number.isFinite(both)) return;
      const key = !apart && both > 0 ? "pins_joint" : "pins_apart";
      this.joint.textContent = "";
      this.joint.appendChild(W.told(key, {
        n: pins.length, unit, sum: shown(sum()), joint: shown(joint), both: shown(both),
      }));
      this.joint.hidden = false;
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Shares = Shares;
})();
