/** `Gatehouse:ada`, as the app will show it. */
export function labelOf(otpauthUri: string): string {
  return decodeURIComponent(new URL(otpauthUri).pathname.replace(/^\/+/, ''))
}
