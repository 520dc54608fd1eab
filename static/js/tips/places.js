/** Places as they leave the device: four digits, about ten metres. */
export const DECIMALS = 4;

export function roundSpot(lon, lat) {
  return `${lon.toFixed(DECIMALS)},${lat.toFixed(DECIMALS)}`;
}

/** The point of the form is this one; what was said before, a landmark or another point, is not. */
export function setSpot(form, spot) {
  form.elements.spot.value = spot;
  if (form.elements.landmark) form.elements.landmark.value = "";
  form.elements.precision.value = "point";
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
