// One subtree of name constraints (RFC 5280 §4.2.1.10), and whether a name is within it. Each form is compared as
// OpenSSL does.

import { DerError, type Element } from '../read/der.ts'
import { relativeNameKeys } from '../read/distinguished-name.ts'
import { type ConstrainedName, formOfOtherName, type OtherForm } from './constrained-names.ts'

/** The base of a subtree. A host that begins with a dot means all hosts below it; null means every host. */
export type SubtreeBase =
  | { form: 'dns'; host: string | null }
  | { form: 'email'; local: string | null; host: string | null }
  | { form: 'uri'; host: string | null }
  | { form: 'ip'; address: Uint8Array; mask: Uint8Array }
  | { form: 'directory'; prefix: string[] }
  | { form: OtherForm }

/**
 * Reads the base of a subtree. Throws `DerError` for a base without a clear meaning, such as a host with a wildcard or
 * a mask with gaps.
 */
export function readBase(base: Element, kind: 'permitted' | 'excluded'): SubtreeBase {
  // RFC 5280 does not define an empty e-mail or URI base. A CA that excludes one means every name. OpenSSL reads it as
  // no name, which would permit what the CA wanted to exclude.
  const emptyHost = kind === 'excluded' ? null : ''
  switch (base.tag) {
    case 0x81:
      return readEmailBase(textOf(base), emptyHost)
    case 0x82:
      return { form: 'dns', host: readHost(textOf(base), null) }
    case 0x86:
      return { form: 'uri', host: readHost(textOf(base), emptyHost) }
    case 0x87:
      return readNetwork(base.content)
    case 0xa4:
      return { form: 'directory', prefix: relativeNameKeys(base.content) }
    case 0xa0:
      return { form: formOfOtherName(base) }
    default:
      return { form: `other ${base.tag}` }
  }
}

function textOf({ content }: Element): string {
  return Buffer.from(content).toString('latin1')
}

function readHost(text: string, whenEmpty: string | null): string | null {
  if (text === '') return whenEmpty
  if (!/^\.?[\w-]+(?:\.[\w-]+)*$/.test(text)) throw new DerError('host')
  return text.toLowerCase()
}

function readEmailBase(text: string, emptyHost: string | null): SubtreeBase {
  const at = text.lastIndexOf('@')
  const local = at > 0 ? text.slice(0, at) : null
  const host = readHost(text.slice(at + 1), emptyHost)
  // An address has exactly one host, so the base must not stand for several.
  if (at >= 0 && (!host || host.startsWith('.'))) throw new DerError('e-mail address')
  return { form: 'email', local, host }
}

/** An address followed by its mask. The mask must be contiguous (RFC 4632): no 1 after a 0. */
function readNetwork(bytes: Uint8Array): SubtreeBase {
  if (bytes.length !== 8 && bytes.length !== 32) throw new DerError('network')
  const [address, mask] = [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)]
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, '0')).join('')
  if (bits.includes('01')) throw new DerError('mask')
  return { form: 'ip', address, mask }
}

/** Returns true if the name is in the subtree. A name of another form, or one that could not be read, is in none. */
export function isWithin(name: ConstrainedName, base: SubtreeBase): boolean {
  if (name.form === 'dns' && base.form === 'dns') return isBelowDomain(name.value, base.host)
  if (name.form === 'email' && base.form === 'email') {
    return (base.local === null || name.value?.local === base.local) && isHost(name.value?.host ?? null, base.host)
  }
  if (name.form === 'uri' && base.form === 'uri') return isHost(name.value, base.host)
  if (name.form === 'ip' && base.form === 'ip') return isInNetwork(name.value, base)
  if (name.form === 'directory' && base.form === 'directory') {
    return base.prefix.every((relativeName, i) => name.value?.[i] === relativeName)
  }
  return false
}

/** DNS: the domain itself and everything below it; with a leading dot only what is below. */
function isBelowDomain(name: string | null, domain: string | null): boolean {
  if (name === null) return false
  if (domain === null || name === domain) return true
  return name.endsWith(domain.startsWith('.') ? domain : `.${domain}`)
}

/** E-mail and URI: exactly this host; with a leading dot only the hosts below it. */
function isHost(name: string | null, host: string | null): boolean {
  if (name === null) return false
  if (host === null) return true
  return host.startsWith('.') ? name.endsWith(host) && name.length > host.length : name === host
}

function isInNetwork(name: Uint8Array | null, { address, mask }: { address: Uint8Array; mask: Uint8Array }): boolean {
  if (name?.length !== mask.length) return false
  return mask.every((byte, i) => (((name[i] ?? 0) ^ (address[i] ?? 0)) & byte) === 0)
}
