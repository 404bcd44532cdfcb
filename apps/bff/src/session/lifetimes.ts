/** How long things last. Settings, once there is a page for them. */
export const idleMs = 30 * 60_000
export const absoluteMs = 12 * 60 * 60_000
export const recentProofMs = 10 * 60_000
/** Sliding expiry is written at most this often: a request is not a write. */
export const touchEveryMs = 60_000
