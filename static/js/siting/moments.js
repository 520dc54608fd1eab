/** Add a moment of a job to its history, each second once. Pure. */
export function addMoment(history, detail) {
  if (!detail || detail.best === null || detail.best === undefined) return history;
  const moment = [detail.seconds, detail.best, detail.bound ?? null];
  return history.at(-1)?.[0] === moment[0] ? history : [...history, moment];
}

/** Targets as [class, lon, lat, lon, lat], from the whole numbers that the server sends. Pure. */
export function unpack({ origin: [lon, lat], targets }) {
  const unit = 1_000_000;
  return targets.map(([kind, x, y, dx, dy]) => [kind, (lon + x) / unit, (lat + y) / unit, (lon + x + dx) / unit, (lat + y + dy) / unit]);
}
