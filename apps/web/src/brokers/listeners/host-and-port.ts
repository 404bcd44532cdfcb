/** `127.0.0.1:1883`, and `[::1]:1883` for IPv6. */
export function hostAndPort(address: string, port: number | string): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}
