/** Sorts a copy. */
function sorted(values) {
  return [...values].sort((left, right) => left - right);
}

/** The value that the given share of all lies below; NaN without values. */
export function percentile(values, share) {
  const order = sorted(values);
  return order.length === 0 ? NaN : order[Math.min(order.length - 1, Math.floor(order.length * share))];
}

export function median(values) {
  return percentile(values, 0.5);
}

/** Slope of a straight line through the points, by least squares. */
export function slope(points) {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

export function rounded(value, digits = 2) {
  return Number.isFinite(value) ? Math.round(value * 10 ** digits) / 10 ** digits : null;
}
