// The names of a certificate that name constraints are asked about (RFC 5280 §4.2.1.10), in the shape in which they are compared.
import { isIPv4, isIPv6 } from 'node:net'
import { bounds } from '../read/bounds.ts'
import type { CertificateFields } from '../read/certificate-fields.ts'
import { type Element, readChildren, readOid, readOnly, tags } from '../read/der.ts'
import { readName, readText, relativeNameKeys } from '../read/distinguished-name.ts'

/**
 * A name by its form, ready to be compared. `value` is null where the name cannot be compared: not well-formed, or of a form that is not
 * supported. A constraint on its form then refuses it.
 */
export type ConstrainedName =
  | { form: 'dns'; value: string | null }
  | { form: 'email'; value: { local: string; host: string } | null }
  | { form: 'uri'; value: string | null }
  | { form: 'ip'; value: Uint8Array | null }
  | { form: 'directory'; value: string[] | null }
  | { form: OtherForm; value: null }

/** The context tag of a general name that is not supported; for an otherName its type as well. */
export type OtherForm = `other ${string}`

const oids = {
  alternativeNames: '2.5.29.17',
  commonName: '2.5.4.3',
  emailAddress: '1.2.840.113549.1.9.1',
} as const

// RFC 9598 §6: constraints on e-mail addresses bind this one too. Not compared, so it is refused where there are such constraints.
const internationalMailbox: OtherForm = 'other 160 1.3.6.1.5.5.7.8.9'

/**
 * The names in the subject and in the alternative names, as OpenSSL takes them. Null where they cannot be read. Never throws.
 * A leaf's Common Name counts as a DNS name, IP or e-mail address where it looks like one, whatever the alternative names say: here it is
 * the username. OpenSSL looks at it as a DNS name only, and only where the alternative names have none.
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
    return null // malformed: a constraint cannot be asked about it
  }
}

function readAlternativeNames(value: Uint8Array): ConstrainedName[] {
  return readChildren(readOnly(value, tags.sequence), bounds.generalNames).map(readGeneralName)
}

/** A GeneralName (RFC 5280 §4.2.1.6). Throws `DerError`. */
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

/** The form of an otherName goes by its type: a constraint on one type says nothing about another. Throws `DerError`. */
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

// As OpenSSL decides it, and with the dot at the end of an absolute name: two or more labels of letters, digits, `_` and `-`.
function looksLikeDns(text: string): boolean {
  return /^\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)+\.?$/.test(text)
}

function asciiOf(bytes: Uint8Array): string | null {
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f) ? Buffer.from(bytes).toString('latin1') : null
}

function readDns(text: string | null): string | null {
  // An absolute name is the same name.
  return text === null ? null : text.toLowerCase().replace(/\.$/, '')
}

function readEmail(text: string | null): { local: string; host: string } | null {
  const at = text?.lastIndexOf('@') ?? -1
  if (text === null || at < 1 || at === text.length - 1) return null
  return { local: text.slice(0, at), host: text.slice(at + 1).toLowerCase() }
}

// RFC 5280 §4.2.1.10: a URI without a host, or with an address for its host, does not satisfy a constraint on URIs.
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

/** The bytes of groups of hexadecimal digits, of which the last may be an IPv4 address (RFC 4291 §2.2). */
function readGroups(text: string): number[] {
  const groups = text.split(':').filter((group) => group !== '')
  return groups.flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
