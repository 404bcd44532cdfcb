/** Time in slots: what is counted within one is one figure. */

/** All zones that differ by whole hours share their hours and days with these. */
export const slotMs = 10 * 60_000

/** The beginning of the slot, or of a longer step, in which this moment lies. */
export function slotOf(at: Date, stepMs: number = slotMs): string {
  return new Date(Math.floor(at.getTime() / stepMs) * stepMs).toISOString()
}
