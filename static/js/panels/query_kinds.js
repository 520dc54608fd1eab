/** The questions a person can ask the map. Each names its form fields and the request that answers it. */
import { askable, devices, watched } from "../core/catalogue.js";

const features = (catalogue, layer) => catalogue.get(layer).features;

export const KINDS = [
  { name: "inside", icon: "polygon", fields: ["layer"], draw: ["polygon"],
    request: (c, v) => ({ path: features(c, v.layer), params: { within: v.geometry, limit: 10_000 } }) },
  { name: "within", icon: "ring", fields: ["layer", "distance"], draw: ["point", "line"],
    request: (c, v) => ({ path: features(c, v.layer), params: { near: v.geometry, distance_m: v.distance, limit: 10_000 } }) },
  { name: "nearest", icon: "nearest", fields: ["layer", "nearest"], draw: ["point"],
    request: (c, v) => ({ path: features(c, v.layer), params: { near: v.geometry, nearest: v.nearest } }) },
  { name: "gaps", icon: "gap", fields: ["places", "devices", "distance"],
    request: (c, v) => ({ path: "/api/gaps", params: { places: v.places, devices: v.devices, distance_m: v.distance }, layer: v.places }) },
  { name: "street", icon: "street", fields: ["street", "layer", "distance"],
    request: (c, v) => ({ path: "/api/streets/nearby", params: { name: v.street, layer: v.layer, distance_m: v.distance } }) },
  { name: "counts", icon: "counts", fields: ["layer"], counts: true,
    request: (c, v) => ({ path: "/api/groups/counts", params: { layer: v.layer } }) },
];

/** Which layers a field offers, and which of them stands first. */
export function choicesFor(catalogue, kind, name) {
  if (name === "devices") return devices(catalogue);
  if (name === "places") return watched(catalogue);
  const all = askable(catalogue).filter((layer) => !kind.counts || layer.name !== "groups");
  return all.sort((a, b) => Number(b.section === "devices") - Number(a.section === "devices"));
}

export const DEFAULTS = { distance: 50, nearest: 5 };
export const LIMITS = { distance: [1, 2000], nearest: [1, 100] };
