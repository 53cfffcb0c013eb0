// What a trial does not change is kept as pictures of the view, so that a step paints only what does.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  class Keep {
    constructor() { this.pictures = new Map(); }

    clear() { this.pictures.clear(); }

    // Pictures of a part in other circumstances, which are out of date.
    forget(name, id) {
      this.pictures.forEach((it, key) => {
        if (it.name === name && key !== id) this.pictures.delete(key);
      });
    }

    // Paints a part, or lays its picture on: `view.whole` says that anything may have changed.
    part(view, name, key, paint) {
      const target = view.ctx.canvas, place = [view.left, view.top, view.scale, view.ratio].join();
      const id = name + " " + key;
      if (view.whole) this.forget(name, id);
      let it = this.pictures.get(id);
      if (!it) this.pictures.set(id, (it = { name, canvas: document.createElement("canvas"), is: "" }));
      const { canvas } = it, fits = canvas.width === target.width && canvas.height === target.height;
      if (view.whole || !fits || it.is !== place) {
        if (!fits) {
          canvas.width = target.width;
          canvas.height = target.height;
        }
        const ctx = canvas.getContext("2d");
        ctx.setTransform(1, 0, 0, 1, 0, 0);
        if (fits) ctx.clearRect(0, 0, canvas.width, canvas.height);
        ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
        paint(Object.assign({}, view, { ctx }));
        it.is = place;
      }
      view.ctx.save();
      view.ctx.setTransform(1, 0, 0, 1, 0, 0);
      view.ctx.drawImage(canvas, 0, 0);
      view.ctx.restore();
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Keep = Keep;
})();
