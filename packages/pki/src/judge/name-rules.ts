// Name constraints along a path (RFC 5280 §6.1.3 b and c, §6.1.4 g): every certificate obeys those of all authorities
// above it, the anchor included. RFC 5280 ignores the constraints of the anchor; OpenSSL does not, and a CA that has
// some expects them to be obeyed.

import type { ParsedCertificate } from '../read/parsed-certificate.ts'
import { type ConstrainedName, readConstrainedNames } from './constrained-names.ts'
import { type NameSubtrees, permitsNames } from './name-constraints.ts'

/**
 * Returns true if the certificate at this index of a path (0: the leaf) has names that an authority above it does not
 * permit, or name constraints of its own that cannot be read.
 */
export function breaksNameConstraints(path: readonly ParsedCertificate[], index: number): boolean {
  const certificate = path[index]
  if (!certificate) return false
  const isLeaf = index === 0
  if (!isLeaf && certificate.nameSubtrees() === 'unreadable') return true
  // RFC 5280 §6.1.3 b: a self-issued intermediate is the same authority again.
  if (!isLeaf && certificate.isSelfIssued) return false
  return path.slice(index + 1).some((authority) => {
    const subtrees = authority.nameSubtrees()
    // An authority with unreadable constraints is reported itself.
    return subtrees !== null && subtrees !== 'unreadable' && !permits(subtrees, certificate, isLeaf)
  })
}

interface Judged {
  names: ConstrainedName[] | null
  bySubtrees: WeakMap<NameSubtrees, boolean>
}

// Up to 256 paths are tried for one chain. They share certificates, so each pair is compared once.
const judgedAsLeaf = new WeakMap<ParsedCertificate, Judged>()
const judgedAsIssuer = new WeakMap<ParsedCertificate, Judged>()

function permits(subtrees: NameSubtrees, certificate: ParsedCertificate, isLeaf: boolean): boolean {
  const known = isLeaf ? judgedAsLeaf : judgedAsIssuer
  const judged = known.get(certificate) ?? {
    names: readConstrainedNames(certificate.fields, isLeaf),
    bySubtrees: new WeakMap(),
  }
  known.set(certificate, judged)
  const isPermitted = judged.bySubtrees.get(subtrees) ?? permitsNames(subtrees, judged.names)
  judged.bySubtrees.set(subtrees, isPermitted)
  return isPermitted
}
