/** Ends everything that this page holds about a user: nothing is shown, asked for or sent until the browser has loaded the page anew. */

let isReset = false
let remove = (): void => {}

/** `handler` removes all components, so that none of them can hold the page back with a question about unsaved input. */
export function whenPageResets(handler: () => void): void {
  remove = handler
}

/** Called when another user has signed in, and when the person signs out. */
export function resetPage(next = '/'): void {
  isReset = true
  remove()
  location.assign(next)
}

/** After a reset no request leaves the page: it would carry the cookie of another user. */
export function isPageReset(): boolean {
  return isReset
}
