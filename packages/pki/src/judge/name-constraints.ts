// Rule: an authority with name constraints may sign a certificate only if it permits all of its names and excludes none
// (RFC 5280 §4.2.1.10, §6.1.3 b and c). A name that cannot be compared is refused. docs/decisions/0049 says where
// OpenSSL decides differently.
import { bounds } from '../read/bounds.ts'
import type { CertificateFields } from '../read/certificate-fields.ts'
import { DerError, type Element, expectTag, readChildren, readOnly, readSmallInteger, tags } from '../read/der.ts'
import type { ConstrainedName } from './constrained-names.ts'
import { isWithin, readBase, type SubtreeBase } from './name-subtrees.ts'

/** The names that an authority permits and excludes. */
export interface NameSubtrees {
  permitted: SubtreeBase[]
  excluded: SubtreeBase[]
}

/**
 * The most comparisons (names times subtrees) for one certificate under one authority. More are refused; OpenSSL stops
 * at a million. The authority is trusted at this point, but a careless or stolen one must not block the thread.
 */
const maxComparisons = 16_384

/** Returns null if there are no constraints, `unreadable` if they are malformed or not supported. Never throws. */
export function readNameSubtrees({ extensions }: CertificateFields): NameSubtrees | 'unreadable' | null {
  const extension = extensions.get('2.5.29.30')
  if (extension === undefined) return null
  try {
    return readExtension(extension.value)
  } catch {
    return 'unreadable'
  }
}

/** Throws `DerError`. */
function readExtension(value: Uint8Array): NameSubtrees {
  const parts = readChildren(readOnly(value, tags.sequence))
  const order = parts.map(({ tag }) => [0xa0, 0xa1].indexOf(tag))
  // RFC 5280 §4.2.1.10: neither the extension nor a list in it may be empty.
  const isEmpty = parts.length === 0 || parts.some(({ content }) => content.length === 0)
  if (isEmpty || order.some((place, i) => place <= (order[i - 1] ?? -1))) throw new DerError('name constraints')
  const subtreesOf = (wanted: number) => parts.filter(({ tag }) => tag === wanted).flatMap(readSubtrees)
  return {
    permitted: subtreesOf(0xa0).map((subtree) => readBase(baseOf(subtree), 'permitted')),
    excluded: subtreesOf(0xa1).map((subtree) => readBase(baseOf(subtree), 'excluded')),
  }
}

function readSubtrees(list: Element): Element[] {
  return readChildren(list, bounds.generalNames)
}

function baseOf(subtree: Element): Element {
  const [base, minimum, ...more] = readChildren(expectTag(subtree, tags.sequence))
  // RFC 5280 §4.2.1.10: the minimum is zero and there is no maximum.
  const isZero = minimum?.tag === 0x80 && readSmallInteger({ ...minimum, tag: tags.integer }) === 0
  if (base === undefined || more.length > 0 || (minimum && !isZero)) throw new DerError('subtree')
  return base
}

/**
 * Returns true if an authority with these constraints may sign a certificate with these names. `names` is null if they
 * could not be read.
 */
export function permitsNames({ permitted, excluded }: NameSubtrees, names: readonly ConstrainedName[] | null): boolean {
  if (names === null || names.length * (permitted.length + excluded.length) > maxComparisons) return false
  return names.every((name) => {
    const [allowed, forbidden] = [permitted, excluded].map((bases) => bases.filter(({ form }) => form === name.form))
    if (!allowed?.length && !forbidden?.length) return true
    if (name.value === null) return false
    if (allowed?.length && !allowed.some((base) => isWithin(name, base))) return false
    return !forbidden?.some((base) => isWithin(name, base))
  })
}
