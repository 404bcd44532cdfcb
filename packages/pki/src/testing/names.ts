// General names and name constraints for tests, from texts: `DNS:a.example`, `email:`, `URI:`, `IP:10.0.0.0/255.0.0.0`, `IP:2001:db8::1`,
// `dirName:O=Plant/OU=Area 5`, `RID:1.2.3`, `other:1.2.3`. A text after the colon may be empty.
import { isIPv4 } from 'node:net'
import { writeSubject } from './certificates.ts'
import { retag, writeElement, writeOid, writeSequence } from './der-writer.ts'
import { writeIpv6 } from './extensions.ts'

interface Extension {
  oid: string
  critical: boolean
  value: Uint8Array
}

/** Returns a subject alternative name extension with these names. */
export function alternativeNames(...names: string[]): Extension {
  return { oid: '2.5.29.17', critical: false, value: writeSequence(...names.map(writeGeneralName)) }
}

/** Returns a critical name constraints extension. */
export function nameConstraints({
  permitted = [],
  excluded = [],
}: {
  permitted?: string[]
  excluded?: string[]
}): Extension {
  return {
    oid: '2.5.29.30',
    critical: true,
    value: writeSequence(...writeSubtrees(0xa0, permitted), ...writeSubtrees(0xa1, excluded)),
  }
}

function writeSubtrees(tag: number, bases: string[]): Uint8Array[] {
  return bases.length === 0 ? [] : [writeElement(tag, ...bases.map((base) => writeSequence(writeGeneralName(base))))]
}

/** Returns the GeneralName that the text describes (see above). Throws `TypeError` for another form. */
export function writeGeneralName(name: string): Uint8Array {
  const text = name.slice(name.indexOf(':') + 1)
  switch (name.slice(0, name.indexOf(':'))) {
    case 'email':
      return writeElement(0x81, Buffer.from(text))
    case 'DNS':
      return writeElement(0x82, Buffer.from(text))
    case 'dirName':
      return writeElement(0xa4, writeDirectoryName(text))
    case 'URI':
      return writeElement(0x86, Buffer.from(text))
    case 'IP':
      return writeElement(0x87, ...text.split('/').map(writeAddress))
    case 'RID':
      return retag(0x88, writeOid(text))
    case 'other':
      return writeElement(0xa0, writeOid(text), writeElement(0xa0, writeElement(0x0c, Buffer.from('x'))))
    default:
      throw new TypeError(`Not a general name: ${name}`)
  }
}

function writeAddress(text: string): Uint8Array {
  return isIPv4(text) ? Buffer.from(text.split('.').map(Number)) : writeIpv6(text)
}

function writeDirectoryName(text: string): Uint8Array {
  const attributes = text.split('/').map((part) => part.split('=') as [string, string])
  return writeSubject(attributes.map(([type, value]) => [{ type, value }]))
}
