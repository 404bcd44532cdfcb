/**
 * Finds who signed an authority of the trust store, and what it signed: candidates by name, decided by the signature.
 * All steps are bounded, because uploaders decide how many authorities share a name.
 */
import type { AuthorityChain, ChainNode } from '@gatehouse/contract/certificates/authority-chain'
import { isIssuedBy } from '@gatehouse/pki/judge/issued-by'
import type { Db } from '../../platform/db/open.ts'
import { findAuthoritiesNamed, type StoredAuthority } from './store.ts'

const mostOfOneName = 20
const mostAbove = 8
const mostBelow = 50

interface Placed {
  authority: StoredAuthority
  level: number
}

export async function readChain(reader: Db, authority: StoredAuthority): Promise<AuthorityChain> {
  const { above, unknownIssuer } = await readAbove(reader, authority)
  const { below, isCut } = await readBelow(reader, authority, above)
  return { nodes: [...above, { authority, level: 0 }, ...below].map(toNode), unknownIssuer, isCut }
}

/** The path to the root. If the issuer's key has several certificates, the one that expires last is shown. */
async function readAbove(reader: Db, authority: StoredAuthority) {
  const above: Placed[] = []
  let top = authority
  while (!top.certificate.selfSigned && above.length < mostAbove) {
    const named = await findAuthoritiesNamed(reader, { subject: top.certificate.issuer }, mostOfOneName)
    const signers = named.filter(({ certificate }) => isIssuedBy(top.certificate.der, certificate.der))
    const [signer] = signers.toSorted((a, b) => b.certificate.notAfter.localeCompare(a.certificate.notAfter))
    // Two authorities that signed each other are not a path.
    if (!signer || above.some((each) => isSame(each.authority, signer)) || isSame(signer, authority)) break
    above.unshift({ authority: signer, level: -above.length - 1 })
    top = signer
  }
  return { above, unknownIssuer: top.certificate.selfSigned ? null : top.certificate.issuer }
}

/** Depth first: each authority follows its signer. */
async function readBelow(reader: Db, authority: StoredAuthority, above: readonly Placed[]) {
  const below: Placed[] = []
  const seen = new Set([...above.map((each) => each.authority), authority].map((each) => each.certificate.fingerprint))
  let isCut = false
  const open: Placed[] = [{ authority, level: 0 }]
  for (let parent = open.pop(); parent; parent = open.pop()) {
    const { certificate } = parent.authority
    if (below.length === mostBelow) return { below, isCut: true }
    if (parent.level > 0) below.push(parent)
    const room = mostBelow - below.length
    const named = await findAuthoritiesNamed(reader, { issuer: certificate.subject }, room + 1)
    isCut ||= named.length > room
    const signed = named
      .slice(0, room)
      .filter((each) => !seen.has(each.certificate.fingerprint))
      .filter((each) => isIssuedBy(each.certificate.der, certificate.der))
    for (const each of signed) seen.add(each.certificate.fingerprint)
    // Reversed, because `pop` takes the last one first.
    for (const each of signed.toReversed()) open.push({ authority: each, level: parent.level + 1 })
  }
  return { below, isCut }
}

function isSame(a: StoredAuthority, b: StoredAuthority): boolean {
  return a.certificate.fingerprint === b.certificate.fingerprint
}

function toNode({ authority: { certificate, name, withdrawnAt }, level }: Placed): ChainNode {
  const { fingerprint, subject, notAfter } = certificate
  return { fingerprint, name, subject, notAfter, withdrawnAt, level }
}
