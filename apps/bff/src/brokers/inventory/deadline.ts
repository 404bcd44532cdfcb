import { setTimeout as wait } from 'node:timers/promises'

/** Resolves with the answer, or with null if it takes longer or is a rejection. `onError` gets the reason of a rejection. */
export async function answerWithin<T>(
  ms: number,
  ask: () => Promise<T>,
  onError: (error: unknown) => void,
): Promise<T | null> {
  const late = new AbortController()
  try {
    return await Promise.race([answerOrNull(ask, onError), wait(ms, null, { signal: late.signal, ref: false })])
  } finally {
    late.abort()
  }
}

async function answerOrNull<T>(ask: () => Promise<T>, onError: (error: unknown) => void): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    onError(error)
    return null
  }
}
