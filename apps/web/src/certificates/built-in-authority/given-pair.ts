/** Sorts the certificate and the key of one file or of two, in any order. */
export interface GivenPair {
  certificate: string
  key: string
}

/** The parts that were given together replace the existing ones. The certificates of the chain may be in files of their own. */
export function takeIn(there: GivenPair, ...given: readonly string[]): GivenPair {
  const { certificate, key } = partsOf(given.join('\n'))
  return { certificate: certificate || there.certificate, key: key || there.key }
}

/** Text that is neither stays out. */
export function partsOf(text: string): GivenPair {
  return { certificate: blocksOf(text, 'CERTIFICATE'), key: blocksOf(text, '(?:[A-Z]+ )?PRIVATE KEY') }
}

interface Named {
  subject: string
  issuer: string
}

/** The lowest certificate of a chain in any order: the one that signed none of the others. */
export function lowestOf<C extends Named>(certificates: readonly C[]): C | undefined {
  return certificates.find((one) => !certificates.some((other) => other !== one && other.issuer === one.subject))
}

export function isEncrypted(key: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key)
}

function blocksOf(text: string, label: string): string {
  const blocks = text.match(new RegExp(`-----BEGIN ${label}-----[^]*?-----END ${label}-----`, 'g')) ?? []
  return blocks.map((block) => `${block}\n`).join('')
}
