/** All point layers on one canvas: few clusters when far, places when near, camera views and lit discs when close. */
import { colorOf, isAssumed, isHeard, lettersOf, variantOf } from "../core/catalogue.js";
import { makeIndex, OVERVIEW_ZOOM, SITE_ZOOM } from "../core/clusters.js";
import { pixelsPerMetre, view } from "../core/geometry.js";
import { boxAt } from "../core/placement.js";
import { begin, end } from "../core/ready.js";
import { PointCanvas } from "./point_canvas.js";
import { paintPills } from "./point_pills.js";
import { marker } from "./points_draw.js";
import { cameraView, heardCircles, litDisc } from "./views_draw.js";

const LIGHT_ZOOM = 17;
const DENSE_SITES = 450;
const INKS = {
  light: { paper: "#ffffff", text: "#1d2433", select: "#1d2433", dark: false },
  dark: { paper: "#171c24", text: "#eef2f7", select: "#ffd43b", dark: true },
  outdoor: { paper: "#ffffff", text: "#000000", select: "#000000", dark: false },
};

function radiusAt(zoom, dense) {
  if (dense) return 3.2;
  return zoom < SITE_ZOOM ? 8.5 : 11;
}

/* A few clusters across the map, whatever its size. */
const ACROSS = 9;

export function openPoints(app) {
  const { map, catalogue } = app;
  const shown = new Map(); // layer name -> {layer, index, lying}
  let drawn = []; // {x, y, r, layer, features, cluster?}

  function items(bounds, zoom) {
    const sw = map.layerPointToLatLng([bounds.min.x, bounds.max.y]);
    const ne = map.layerPointToLatLng([bounds.max.x, bounds.min.y]);
    const bbox = [sw.lng, sw.lat, ne.lng, ne.lat];
    const ordered = [...shown.values()]
      .sort((a, b) => catalogue.rank(a.layer) - catalogue.rank(b.layer) || b.layer.count - a.layer.count);
    return ordered.map(({ layer, index }) => {
      const found = index.visible(bbox, zoom);
      return { layer, dense: found.length > DENSE_SITES, found: found.map((item) => ({ ...item, ...place(item) })) };
    });
  }

  const farRadius = () => Math.max(56, Math.min(130, map.getSize().x / ACROSS));
  const place = ({ lon, lat }) => {
    const { x, y } = map.latLngToLayerPoint([lat, lon]);
    return { x, y };
  };
  const chosen = (layer, f) => app.state.selected?.layer === layer.name && app.state.selected.id === f.id;

  function specOf(layer, features) {
    const worst = features.find((f) => chosen(layer, f)) || features.find((f) => f.properties.state === "working") || features[0];
    const p = worst.properties;
    return {
      color: colorOf(layer, p), section: layer.section, icon: layer.style.icon, letters: lettersOf(layer, p), variant: variantOf(layer, p),
      state: p.state, count: features.length, selected: features.some((f) => chosen(layer, f)),
    };
  }

  function under(ctx, layer, item, zoom) {
    const scale = pixelsPerMetre(item.lat, zoom);
    for (const f of item.site.features) {
      const p = f.properties;
      const color = colorOf(layer, p);
      const assumed = isAssumed(layer, p);
      if (layer.style.kind === "sector" && zoom >= SITE_ZOOM) {
        const style = { color, state: p.state, selected: chosen(layer, f), assumed };
        cameraView(ctx, item.x, item.y, view(p), scale, style, app.ink);
      } else if (p.radius_m && zoom >= LIGHT_ZOOM) litDisc(ctx, item.x, item.y, p.radius_m * scale, color, p.state, assumed);
    }
  }

  /** Lone places at their place, with what they reach under them. */
  function paintSites(ctx, all, zoom) {
    // Crowds of dots lie under single places.
    all.sort((a, b) => Number(b.dense) - Number(a.dense));
    for (const { layer, found } of all) for (const item of found) if (item.site) under(ctx, layer, item, zoom);
    return all.flatMap(({ layer, dense, found }) => found.filter((item) => item.site).map(({ x, y, site }) => {
      const r = radiusAt(zoom, dense);
      marker(ctx, x, y, r, specOf(layer, site.features), app.ink);
      return { x, y, r: r + 3, layer, features: site.features };
    }));
  }

  /** Names, places and clusters share the room: names come first on the overview, places when near. */
  function paint(ctx, bounds) {
    const zoom = map.getZoom();
    app.ink = INKS[app.state.theme] || INKS.light;
    const near = zoom >= app.overviewZoom;
    // Of those out of sight too: their circles reach into it. On the overview the chosen one's alone.
    for (const { layer, lying } of shown.values()) {
      const isChosen = (f) => chosen(layer, f);
      if (isHeard(layer)) heardCircles(ctx, near ? lying : lying.filter(isChosen), colorOf(layer, {}), { place, scale: (lat) => pixelsPerMetre(lat, zoom), isChosen });
    }
    const all = items(bounds, near ? zoom : Math.min(zoom, OVERVIEW_ZOOM - 0.01));
    const single = near ? paintSites(ctx, all, zoom) : [];
    const busy = single.map(({ x, y, r }) => boxAt(x, y, r, r));
    const names = app.labels?.place(busy) || [];
    const others = near ? all.map(({ layer, found }) => ({ layer, found: found.filter((item) => !item.site) })) : all;
    drawn = [...single, ...paintPills(ctx, others, [...busy, ...names], app.ink, { isChosen: chosen, near })];
  }

  const canvas = new PointCanvas(paint, { pane: "points", padding: 0.25, dpr: app.dpr }).addTo(map);
  let frame = 0;
  /* Several layers that arrive together are painted once. */
  const redraw = () => {
    if (frame) return;
    begin();
    frame = requestAnimationFrame(() => {
      frame = 0;
      canvas.redraw();
      end();
    });
  };
  return {
    redraw,
    async show(layer) {
      const features = await app.data.load(layer.name);
      if (!app.state.visible.has(layer.name)) return;
      // What is in a hand is drawn by the hand.
      const { held } = app.state;
      const isHeld = (f) => held?.layer === layer.name && held.ids.includes(f.id);
      const lying = features.filter((f) => !isHeld(f) && !app.isOff(layer, f));
      shown.set(layer.name, { layer, lying, index: makeIndex(lying, { far_px: farRadius() }) });
      redraw();
    },
    hide(layer) {
      shown.delete(layer.name);
      redraw();
    },
    /** The topmost thing near a point of the map element, or null. */
    hit(containerPoint, slack_px = 4) {
      const { x, y } = map.containerPointToLayerPoint(containerPoint);
      for (let i = drawn.length - 1; i >= 0; i -= 1) {
        const d = drawn[i];
        const limit = d.cluster ? { w: d.r, h: 12 } : { w: d.r, h: d.r };
        if (Math.abs(x - d.x) <= limit.w + slack_px && Math.abs(y - d.y) <= limit.h + slack_px) return d;
      }
      return null;
    },
    zoomTo(d) {
      const { lat, lon, opensAt } = d.cluster;
      map.setView([lat, lon], Math.min(Math.max(opensAt?.() ?? 0, Math.floor(map.getZoom()) + 1), SITE_ZOOM));
    },
  };
}
