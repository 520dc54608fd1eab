/** What undoes an edit of a device. Pure. */

/* What a person may change of a device, and so what undoing gives back. */
const FIELDS = ["lon", "lat", "azimuth_deg", "model", "year", "fund", "is_locked", "is_forbidden"];

/** The values of `device` that `changes` would overwrite, and the lock that moving sets. */
export function before(device, changes) {
  const names = new Set([...Object.keys(changes), "is_locked", "is_forbidden"]);
  const kept = FIELDS.filter((name) => names.has(name) && device[name] !== undefined);
  return Object.fromEntries(kept.map((name) => [name, device[name]]));
}

/** A device that was taken out, as the body that puts it in again. */
export function asNew(device) {
  const names = ["kind", ...FIELDS].filter((name) => !(name === "azimuth_deg" && device.kind === "lamp"));
  return Object.fromEntries(names.map((name) => [name, device[name]]));
}
