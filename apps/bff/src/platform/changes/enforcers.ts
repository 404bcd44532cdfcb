/** The port through which a change waits for the brokers that enforce it. */
export interface Enforcers {
  /**
   * Waits until these changes of the log are enforced, for at most two seconds. Returns how many connections they ended; null
   * if that was not confirmed in time. The changes are committed either way, and a broker that was away follows them later.
   */
  waitFor(sequences: readonly number[]): Promise<number | null>
}
