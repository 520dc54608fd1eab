/** Add a moment of a job to its history, each second once. Pure. */
export function addMoment(history, detail) {
  if (!detail || detail.best === null || detail.best === undefined) return history;
  const moment = [detail.seconds, detail.best, detail.bound ?? null];
  return history.at(-1)?.[0] === moment[0] ? history : [...history, moment];
}
