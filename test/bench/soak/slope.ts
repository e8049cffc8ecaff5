/** A value at a moment, in minutes. */
export interface Point {
  minute: number
  value: number
}

/** By how much the values grow in an hour: the line with the least squares through them. 0 for fewer than two moments. */
export function slopePerHour(points: readonly Point[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const [minute, value] = [mean(points.map((point) => point.minute)), mean(points.map((point) => point.value))]
  const spread = points.reduce((sum, point) => sum + (point.minute - minute) ** 2, 0)
  if (spread === 0) return 0
  return (60 * points.reduce((sum, point) => sum + (point.minute - minute) * (point.value - value), 0)) / spread
}
