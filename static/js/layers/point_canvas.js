/** A canvas that follows the map as Leaflet's own renderers do, and asks `source(ctx, bounds)` to paint. */
import { L } from "../core/leaflet.js";

export const PointCanvas = L.Renderer.extend({
  initialize(source, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this._source = source;
  },
  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
    this._ctx = this._container.getContext("2d");
  },
  _destroyContainer() {
    this._container.remove();
  },
  _updatePaths() {},
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const ratio = this.options.dpr || window.devicePixelRatio;
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = size.x * ratio;
    this._container.height = size.y * ratio;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    this._ctx.setTransform(ratio, 0, 0, ratio, -this._bounds.min.x * ratio, -this._bounds.min.y * ratio);
    this._source(this._ctx, this._bounds);
  },
  redraw() {
    if (this._map) this._update();
  },
});
