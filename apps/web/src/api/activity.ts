/** Whether the person uses the console. Pages that refresh themselves would otherwise keep a session open for ever. */

const signsOfLife = ['input', 'keydown', 'pointerdown'] as const
/** Reading a page is using it, for a while. */
const activeForMs = 60_000

// Opening the page is an action too.
let actedAt = Date.now()

export function isActive(now: number): boolean {
  return now - actedAt < activeForMs
}

export function watchActivity(): void {
  for (const sign of signsOfLife) {
    window.addEventListener(
      sign,
      () => {
        actedAt = Date.now()
      },
      { passive: true, capture: true },
    )
  }
}
