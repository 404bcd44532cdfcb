/** A certificate and its key come in one file or in two, in any order: each part goes where it belongs. */
export interface GivenPair {
  certificate: string
  key: string
}

/** What was given added to what is there: a part that is given again takes the place of the one before. */
export function takeIn(there: GivenPair, given: string): GivenPair {
  const { certificate, key } = partsOf(given)
  return { certificate: certificate || there.certificate, key: key || there.key }
}

/** Text that is neither stays out. */
export function partsOf(text: string): GivenPair {
  return { certificate: blocksOf(text, 'CERTIFICATE'), key: blocksOf(text, '(?:[A-Z]+ )?PRIVATE KEY') }
}

export function isEncrypted(key: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key)
}

function blocksOf(text: string, label: string): string {
  const blocks = text.match(new RegExp(`-----BEGIN ${label}-----[^]*?-----END ${label}-----`, 'g')) ?? []
  return blocks.map((block) => `${block}\n`).join('')
}
