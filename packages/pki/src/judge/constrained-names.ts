// The names of a certificate that name constraints apply to (RFC 5280 §4.2.1.10), in a form that can be compared.
import { isIPv4, isIPv6 } from 'node:net'
import { bounds } from '../read/bounds.ts'
import type { CertificateFields } from '../read/certificate-fields.ts'
import { type Element, readChildren, readOid, readOnly, tags } from '../read/der.ts'
import { readName, readText, relativeNameKeys } from '../read/distinguished-name.ts'

/**
 * A name by its form. `value` is null if the name is malformed or its form is not supported; any constraint on that
 * form then refuses it.
 */
export type ConstrainedName =
  | { form: 'dns'; value: string | null }
  | { form: 'email'; value: { local: string; host: string } | null }
  | { form: 'uri'; value: string | null }
  | { form: 'ip'; value: Uint8Array | null }
  | { form: 'directory'; value: string[] | null }
  | { form: OtherForm; value: null }

/** The context tag of an unsupported general name; for an otherName with its type. */
export type OtherForm = `other ${string}`

const oids = {
  alternativeNames: '2.5.29.17',
  commonName: '2.5.4.3',
  emailAddress: '1.2.840.113549.1.9.1',
} as const

// RFC 9598 §6: constraints on e-mail addresses also apply to this form. It cannot be compared here, so such a
// constraint refuses it.
const internationalMailbox: OtherForm = 'other 160 1.3.6.1.5.5.7.8.9'

/**
 * Returns the names in the subject and in the alternative names, as OpenSSL collects them; null if they cannot be read.
 * Never throws.
 * A leaf's Common Name also counts as a DNS name, an IP address or an e-mail address if it looks like one, because here
 * it is the username. OpenSSL reads it only as a DNS name, and only if the alternative names have none.
 */
export function readConstrainedNames(
  { subject, extensions }: CertificateFields,
  isLeaf: boolean,
): ConstrainedName[] | null {
  try {
    const attributes = readName(subject).flat()
    const textsOf = (type: string) => attributes.filter((attribute) => attribute.type === type)
    const alternativeNames = extensions.get(oids.alternativeNames)
    return [
      ...(attributes.length > 0 ? [readDirectoryName(subject)] : []),
      ...textsOf(oids.emailAddress).map(({ value }) => readSubjectEmail(value)),
      ...(isLeaf ? textsOf(oids.commonName).flatMap(({ value }) => readCommonName(value)) : []),
      ...(alternativeNames ? readAlternativeNames(alternativeNames.value) : []),
    ]
  } catch {
    return null // malformed: no constraint can be applied to it
  }
}

function readAlternativeNames(value: Uint8Array): ConstrainedName[] {
  return readChildren(readOnly(value, tags.sequence), bounds.generalNames).map(readGeneralName)
}

/** Reads a GeneralName (RFC 5280 §4.2.1.6). Throws `DerError`. */
function readGeneralName(name: Element): ConstrainedName {
  switch (name.tag) {
    case 0x81:
      return { form: 'email', value: readEmail(asciiOf(name.content)) }
    case 0x82:
      return { form: 'dns', value: readDns(asciiOf(name.content)) }
    case 0x86:
      return { form: 'uri', value: readUriHost(asciiOf(name.content)) }
    case 0x87:
      return { form: 'ip', value: [4, 16].includes(name.content.length) ? name.content : null }
    case 0xa4:
      return readDirectoryName(name.content)
    case 0xa0:
      return readOtherName(formOfOtherName(name))
    default:
      return { form: `other ${name.tag}`, value: null }
  }
}

/** The form of an otherName is its type: a constraint on one type says nothing about another. Throws `DerError`. */
export function formOfOtherName(name: Element): OtherForm {
  return `other ${name.tag} ${readOid(readChildren(name)[0])}`
}

function readOtherName(form: OtherForm): ConstrainedName {
  return form === internationalMailbox ? { form: 'email', value: null } : { form, value: null }
}

function readDirectoryName(name: Uint8Array): ConstrainedName {
  return { form: 'directory', value: relativeNameKeys(name) }
}

function readSubjectEmail(value: Element): ConstrainedName {
  return { form: 'email', value: value.tag === tags.ia5String ? readEmail(asciiOf(value.content)) : null }
}

function readCommonName(value: Element): ConstrainedName[] {
  const text = readText(value)
  if (text === null) return [{ form: 'dns', value: null }]
  const names: ConstrainedName[] = []
  if (looksLikeDns(text)) names.push({ form: 'dns', value: readDns(text) })
  if (text.includes('@')) names.push({ form: 'email', value: readEmail(text) })
  const address = readAddress(text)
  if (address) names.push({ form: 'ip', value: address })
  return names
}

// The rule of OpenSSL, with an optional final dot: two or more labels of letters, digits, `_` and `-`.
function looksLikeDns(text: string): boolean {
  return /^\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)+\.?$/.test(text)
}

function asciiOf(bytes: Uint8Array): string | null {
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f) ? Buffer.from(bytes).toString('latin1') : null
}

function readDns(text: string | null): string | null {
  // The final dot of an absolute name does not make it a different name.
  return text === null ? null : text.toLowerCase().replace(/\.$/, '')
}

function readEmail(text: string | null): { local: string; host: string } | null {
  const at = text?.lastIndexOf('@') ?? -1
  if (text === null || at < 1 || at === text.length - 1) return null
  return { local: text.slice(0, at), host: text.slice(at + 1).toLowerCase() }
}

// RFC 5280 §4.2.1.10: a URI without a host, or with an address as its host, never satisfies a constraint on URIs.
function readUriHost(text: string | null): string | null {
  const host = /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#@\\]*@)?([\w.-]+)(?::\d*)?(?:[/?#]|$)/i.exec(text ?? '')?.[1]
  if (host === undefined || isIPv4(host)) return null
  return readDns(host)
}

function readAddress(text: string): Uint8Array | null {
  if (isIPv4(text)) return Uint8Array.from(text.split('.').map(Number))
  return isIPv6(text) && !text.includes('%') ? readIpv6(text) : null
}

function readIpv6(text: string): Uint8Array {
  const [head = '', tail = ''] = text.split('::')
  const [before, after] = [readGroups(head), readGroups(tail)]
  const zeros = Array.from({ length: 16 - before.length - after.length }, () => 0)
  return Uint8Array.from([...before, ...zeros, ...after])
}

/** Returns the bytes of groups of hexadecimal digits, the last of which may be an IPv4 address (RFC 4291 §2.2). */
function readGroups(text: string): number[] {
  const groups = text.split(':').filter((group) => group !== '')
  return groups.flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
