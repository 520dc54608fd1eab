/** Places as they leave the device: about ten metres, or the middle of a cell. */
export const STEP = 0.0001;

export function roundSpot(lon, lat, step = STEP) {
  return [lon, lat].map((value) => (Math.round(value / step) * step).toFixed(4)).join(",");
}

/** The step to which a form's place is rounded. */
export const stepOf = (form) => (form.elements.precision.value === "cell" ? Number(form.dataset.cell) : STEP);

/** The place of the form is this one; what was said before, a landmark or another point, is not. */
export function setSpot(form, lon, lat) {
  if (form.elements.precision.value !== "cell") form.elements.precision.value = "point";
  form.elements.spot.value = roundSpot(lon, lat, stepOf(form));
  if (form.elements.landmark) form.elements.landmark.value = "";
  return form.elements.spot.value;
}

/** Before a form goes: no point where none was meant, and of a cell its middle alone, also of a landmark's. */
export function coarsen(form) {
  const { precision, spot, landmark } = form.elements;
  if (!["point", "cell"].includes(precision.value)) spot.value = "";
  const chosen = landmark?.value || spot.value;
  if (precision.value === "cell" && chosen) setSpot(form, ...chosen.split(",").map(Number));
}

/** Metres-like plane around a place: x to the east, y to the south, so that a screen draws it as it is. */
export function planeAround(lon0, lat0) {
  const east = 111320 * Math.cos((lat0 * Math.PI) / 180);
  const north = 110574;
  return {
    to: ([lon, lat]) => [(lon - lon0) * east, (lat0 - lat) * north],
    back: ([x, y]) => [lon0 + x / east, lat0 - y / north],
  };
}
