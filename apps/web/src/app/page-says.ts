/** What the server has written into this page, as `<meta name="…">`; undefined where it has not. */
export function pageSays(name: 'csp-nonce' | 'session' | 'sign-in'): string | undefined {
  return metaOf(name)?.content
}

/** It is no longer so. */
export function forgetPageSays(name: 'session'): void {
  metaOf(name)?.remove()
}

function metaOf(name: string): HTMLMetaElement | null {
  return document.querySelector(`meta[name="${name}"]`)
}
