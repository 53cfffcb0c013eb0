// Minutes and walking speed: sliders, and the speeds of the known walkers.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const by = (id) => document.getElementById(id);
  const PER_MPS = 3600000; // millimetres per hour
  const PER_MIN = 60000;

  class Terms {
    constructor(panel) {
      this.panel = panel;
      this.minutes = by("qh-wi-minutes");
      this.speed = by("qh-wi-speed");
      this.preset = by("qh-wi-preset");
      this.waiting = null;
      this.minutes.addEventListener("input", () => this.later("cutoff_ms", this.minutes, PER_MIN));
      this.speed.addEventListener("input", () => this.later("speed_mmph", this.speed, PER_MPS));
      this.preset.addEventListener("change", () => {
        if (!this.preset.value) return;
        this.use("speed_mmph", Math.round(Number(this.preset.value) * PER_MPS));
      });
      by("qh-wi-terms-today").addEventListener("click", () => {
        panel.plan.setTerms(panel.app.at, null);
      });
    }

    rule(service) {
      const rule = this.panel.model.services[service].walker.rule_m;
      return Boolean(rule && rule.length);
    }

    // Today's, or what was chosen before.
    now(service) {
      const own = this.panel.model.services[service], set = this.panel.plan.now.terms[service] || {};
      return {
        cutoff_ms: set.cutoff_ms || own.cutoff_ms,
        speed_mmph: set.speed_mmph || own.walker.speed_mmph,
      };
    }

    // A slider is moved through many values: the figures follow once a frame. Today's value may lie
    // between two steps of the slider, and is the nearer one.
    later(what, slider, unit) {
      const service = this.panel.app.at, own = this.panel.model.services[service];
      const today = what === "cutoff_ms" ? own.cutoff_ms : own.walker.speed_mmph;
      let value = Math.round(Number(slider.value) * unit);
      if (Math.abs(value - today) < Number(slider.step) * unit * 0.5) value = today;
      const shown = Object.assign(this.now(service), { [what]: value });
      this.told(shown.cutoff_ms / PER_MIN, shown.speed_mmph / PER_MPS);
      this.next = [what, value];
      if (this.waiting) return;
      this.waiting = requestAnimationFrame(() => {
        this.waiting = null;
        this.use(...this.next);
      });
    }

    // Today's values are no change.
    use(what, value) {
      const service = this.panel.app.at, given = Object.assign(this.now(service), { [what]: value });
      this.panel.plan.setTerms(service, this.check(service, given), "terms");
    }

    // Terms that differ from today's and are possible, else null.
    check(service, given) {
      const own = this.panel.model.services[service], out = {};
      if (this.rule(service)) return null;
      const low = Number(this.minutes.min) * PER_MIN, high = Number(this.minutes.max) * PER_MIN;
      const cutoff = given.cutoff_ms, speed = given.speed_mmph;
      if (Number.isInteger(cutoff) && cutoff >= low && cutoff <= high && cutoff !== own.cutoff_ms) {
        out.cutoff_ms = cutoff;
      }
      const least = Number(this.speed.min) * PER_MPS, most = Number(this.speed.max) * PER_MPS;
      if (Number.isInteger(speed) && speed >= least && speed <= most &&
          speed !== own.walker.speed_mmph) {
        out.speed_mmph = speed;
      }
      return Object.keys(out).length ? out : null;
    }

    draw() {
      const panel = this.panel, service = panel.app.at, own = panel.model.services[service];
      const rule = this.rule(service), now = panel.plan.now.terms[service] || {};
      by("qh-wi-sliders").hidden = rule;
      by("qh-wi-rule").hidden = !rule;
      if (rule) {
        const text = own.walker.rule_m.map(([min, m]) => min + " min = " + m + " m").join(", ");
        by("qh-wi-rule").textContent = "";
        by("qh-wi-rule").appendChild(QH.whatIf.told("terms_rule", { rule: text }));
        return;
      }
      const speed = (now.speed_mmph || own.walker.speed_mmph) / PER_MPS;
      const minutes = (now.cutoff_ms || own.cutoff_ms) / PER_MIN;
      if (document.activeElement !== this.minutes) this.minutes.value = minutes;
      if (document.activeElement !== this.speed) this.speed.value = speed;
      const mps = String(+speed.toFixed(6));
      this.preset.value = Array.from(this.preset.options).some((it) => it.value === mps) ? mps : "";
      by("qh-wi-terms-today").disabled = !panel.plan.now.terms[service];
      this.told(minutes, speed);
    }

    told(minutes, speed) {
      const T = QH.text, show = (id, parts) => T.renew(by(id), T.el("div", "", parts));
      show("qh-wi-minutes-now", [T.el("b", "", T.amount(minutes)), T.el("span", "", [" ", T.word("minutes")])]);
      show("qh-wi-speed-now", [T.el("b", "", String(+speed.toFixed(3))), T.el("span", "", [" ", T.word("mps")])]);
      this.minutes.setAttribute("aria-valuetext", T.amount(minutes) + " " + T.plain("minutes"));
      this.speed.setAttribute("aria-valuetext", +speed.toFixed(3) + " " + T.plain("mps"));
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Terms = Terms;
})();
