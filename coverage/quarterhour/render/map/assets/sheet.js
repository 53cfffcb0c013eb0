// A canvas that moves and scales with the map and is repainted by one function.
// It takes no pointer: what lies under the pointer is looked up in the data (find.js), so a sheet
// never hides another from the mouse, and the order of painting is the order of the code.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  const REST_MS = 250;

  QH.Sheet = L.Renderer.extend({
    options: { padding: 0.15 },

    initialize(paint, options) {
      L.Renderer.prototype.initialize.call(this, options);
      this._paint = paint;
    },

    repaint() {
      if (!this._container || this._waiting) return;
      this._waiting = L.Util.requestAnimFrame(() => {
        this._waiting = null;
        this.now();
      });
    },

    // At once, in the frame that is being made; others may have to follow.
    now() {
      if (!this._map || !this._bounds || !this._container) return;
      this._draw();
      this.fire("painted");
    },

    // At once, for now only what the window shows: the rest follows when the steps rest or the map
    // is moved.
    touch() {
      if (this._map && this._bounds && this._container) this._draw(true);
    },

    settle() {
      if (this._resting && this._map && this._bounds && this._container) this._draw();
    },

    getEvents() {
      const events = L.Renderer.prototype.getEvents.call(this);
      return Object.assign(events, { movestart: this.settle });
    },

    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._ctx = this._container.getContext("2d");
    },

    _destroyContainer() {
      if (this._waiting) L.Util.cancelAnimFrame(this._waiting);
      this._waiting = null;
      clearTimeout(this._resting);
      L.DomUtil.remove(this._container);
      delete this._container;
      delete this._ctx;
    },

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize(), canvas = this._container;
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      L.DomUtil.setPosition(canvas, this._bounds.min);
      canvas.width = Math.round(size.x * ratio);
      canvas.height = Math.round(size.y * ratio);
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      this._ratio = ratio;
      // while the page is being put together the view still changes: one frame at its end will do
      if (QH.started) this._draw();
      else this.repaint();
      this.fire("update");
    },

    _updatePaths() {},

    // The part of the sheet that the window shows.
    _shown() {
      const from = this._map.containerPointToLayerPoint([0, 0]).subtract(this._bounds.min);
      const size = this._map.getSize();
      return { size, from, to: from.add(size) };
    },

    // `near`: only the part that the window shows.
    _draw(near) {
      const canvas = this._container;
      if (!canvas.width || !canvas.height) return;
      clearTimeout(this._resting);
      this._resting = near ? setTimeout(() => this.settle(), REST_MS) : null;
      const map = this._map, ctx = this._ctx, zoom = map.getZoom(), ratio = this._ratio;
      const scale = 256 * Math.pow(2, zoom), shown = this._shown();
      const { x: left, y: top } = map.getPixelOrigin().add(this._bounds.min);
      const { x: width, y: height } = this._bounds.getSize();
      const boxOf = (from, to) => [
        (left + from.x) / scale, (top + from.y) / scale, (left + to.x) / scale, (top + to.y) / scale,
      ];
      const full = boxOf({ x: 0, y: 0 }, { x: width, y: height });
      // whole pixels of the canvas
      const from = shown.from.multiplyBy(ratio).floor(), to = shown.to.multiplyBy(ratio).ceil();
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.save();
      ctx.beginPath();
      if (near) ctx.rect(from.x, from.y, to.x - from.x, to.y - from.y);
      else ctx.rect(0, 0, canvas.width, canvas.height);
      ctx.clip();
      ctx.clearRect(0, 0, canvas.width, canvas.height);
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      this._paint({
        ctx, zoom, scale, ratio, left, top, width, height, shown, full,
        box: near ? boxOf(shown.from, shown.to) : full,
      });
      ctx.restore();
    },
  });
})();
