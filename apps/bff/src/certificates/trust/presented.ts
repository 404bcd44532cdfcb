/** Keys and Common Names of presented chains, remembered for clients that connect again. */
import { createHash } from 'node:crypto'
import { isTooLarge } from '@gatehouse/pki/judge/chain'
import { type CommonNameResult, readCommonName } from '@gatehouse/pki/read/common-name'
import { LRUCache } from 'lru-cache'

/** Equal for equal chains. Of the whole chain: with another intermediate the same leaf may have another verdict. */
export function chainKey(presented: readonly Uint8Array[]): string {
  const known = keys.get(presented)
  if (known !== undefined) return known
  const hash = createHash('sha256')
  for (const der of presented) hash.update(createHash('sha256').update(der).digest())
  const key = hash.digest('base64')
  keys.set(presented, key)
  return key
}

/** A chain is judged several times during a CONNECT. It does not change after the handshake. */
const keys = new WeakMap<readonly Uint8Array[], string>()

const rememberedNames = 20_000
/** In characters. Names of strangers are remembered too, and must not fill the memory. */
const rememberedLength = 256

export class CommonNames {
  readonly #names = new LRUCache<string, CommonNameResult>({ max: rememberedNames })

  /** Reads the Common Name of the leaf. A name depends on the bytes only, so it never becomes wrong. */
  of(presented: readonly Uint8Array[]): CommonNameResult {
    const [leaf] = presented
    if (!leaf) return { ok: false, reason: 'no_common_name' }
    // Not hashed: the chain will be refused, and the name is read within bounds.
    if (isTooLarge(presented)) return readCommonName(leaf)
    const key = chainKey(presented)
    const known = this.#names.get(key)
    if (known) return known
    const name = readCommonName(leaf)
    if (name.ok && name.commonName.length <= rememberedLength) this.#names.set(key, name)
    return name
  }
}
