/** What a machine shows, known again when it comes back: its key, and whose certificate it is said to be. */
import { createHash } from 'node:crypto'
import { isTooLarge } from '@gatehouse/pki/judge/chain'
import { type CommonNameResult, readCommonName } from '@gatehouse/pki/read/common-name'

/** Equal for equal chains. The whole of it, not the leaf alone: with another intermediate the same leaf may be judged otherwise. */
export function chainKey(presented: readonly Uint8Array[]): string {
  const known = keys.get(presented)
  if (known !== undefined) return known
  const hash = createHash('sha256')
  for (const der of presented) hash.update(createHash('sha256').update(der).digest())
  const key = hash.digest('base64')
  keys.set(presented, key)
  return key
}

/** A chain is judged three times while its machine comes in; nobody changes it after the handshake. */
const keys = new WeakMap<readonly Uint8Array[], string>()

const rememberedNames = 20_000
/** Of a name in characters: strangers are read too, and must not fill the memory. */
const rememberedLength = 256

export class CommonNames {
  readonly #names = new Map<string, CommonNameResult>()

  /** The name depends on the bytes alone, so what strangers show costs at most another reading of what they push out. */
  of(presented: readonly Uint8Array[]): CommonNameResult {
    const [leaf] = presented
    if (!leaf) return { ok: false, reason: 'no_common_name' }
    // Not hashed: the chain is refused, and the name is read within bounds.
    if (isTooLarge(presented)) return readCommonName(leaf)
    const key = chainKey(presented)
    const known = this.#names.get(key)
    if (known) return known
    const name = readCommonName(leaf)
    if (name.ok && name.commonName.length <= rememberedLength) this.#remember(key, name)
    return name
  }

  #remember(key: string, name: CommonNameResult): void {
    const oldest = this.#names.keys().next()
    if (this.#names.size >= rememberedNames && !oldest.done) this.#names.delete(oldest.value)
    this.#names.set(key, name)
  }
}
