/** Texts in settings: lists, and what addresses and names look like. */
import { isIP } from 'node:net'

export function isOrigin(text: string): boolean {
  // Checked here as well: `URL` accepts spaces, credentials and paths, and removes or escapes them.
  return /^https?:\/\/[^/?#@\s\\]+$/i.test(text) && URL.canParse(text)
}

export function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/')
  const version = isIP(address)
  if (version === 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

export function isHostName(text: string): boolean {
  return isIP(text) !== 0 || /^(\*\.)?[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?$/i.test(text)
}

export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Without the brackets of an IPv6 address, as in certificates. */
export function hostOf(url: string | undefined): string | null {
  return url === undefined ? null : new URL(url).hostname.replace(/^\[|\]$/g, '')
}
