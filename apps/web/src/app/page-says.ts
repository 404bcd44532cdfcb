/** What the server has written into this page, as `<meta name="…">`; undefined where it has not. */
export function pageSays(name: 'csp-nonce' | 'session'): string | undefined {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content
}
