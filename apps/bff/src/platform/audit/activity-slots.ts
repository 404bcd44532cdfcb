/** Activity is counted in slots of ten minutes, one figure per slot. */

/** Slots begin at full hours in all time zones that differ from UTC by whole hours. */
export const slotMs = 10 * 60_000

/** The beginning of the slot, or of a longer step, that contains this moment. */
export function slotOf(at: Date, stepMs: number = slotMs): string {
  return new Date(Math.floor(at.getTime() / stepMs) * stepMs).toISOString()
}
