// A canvas that moves and scales with the map and is repainted by one function.
// It takes no pointer: what lies under the pointer is looked up in the data (find.js), so a sheet
// never hides another from the mouse, and the order of painting is the order of the code.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

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
      this.touch();
      this.fire("painted");
    },

    touch() {
      if (this._map && this._bounds && this._container) this._draw();
    },

    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._ctx = this._container.getContext("2d");
    },

    _destroyContainer() {
      if (this._waiting) L.Util.cancelAnimFrame(this._waiting);
      this._waiting = null;
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

    _draw() {
      if (!this._container.width || !this._container.height) return;
      const map = this._map, ctx = this._ctx, zoom = map.getZoom();
      const scale = 256 * Math.pow(2, zoom);
      const corner = map.getPixelOrigin().add(this._bounds.min);
      const size = this._bounds.getSize();
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, this._container.width, this._container.height);
      ctx.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
      this._paint({
        ctx, zoom, scale, ratio: this._ratio, left: corner.x, top: corner.y,
        width: size.x, height: size.y, shown: this._shown(),
        box: [
          corner.x / scale, corner.y / scale,
          (corner.x + size.x) / scale, (corner.y + size.y) / scale,
        ],
      });
    },
  });
})();
