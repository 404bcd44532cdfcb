/**
 * Remembers right passwords of MQTT clients that a directory checked, so that a client that reconnects does not ask the directory each
 * time. A password that was changed there works here until the memory ends.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../platform/base/clock.ts'

const rememberedForMs = 10 * 60_000
const mostRemembered = 10_000

interface Claim {
  username: string
  address: string
  password: string
  /** The user and the settings of its directory: a change of one of them ends the memory. */
  credential: string
}

export class RememberedPasswords {
  readonly #clock: Clock
  // A new key at each start, never stored: the digests are of no use outside this process.
  readonly #key = randomBytes(32)
  readonly #right = new LRUCache<string, { digest: Buffer; at: number }>({ max: mostRemembered })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Another password from the same place ends the memory, so that guesses are always counted. */
  has(claim: Claim): boolean {
    const place = placeOf(claim)
    const known = this.#right.get(place)
    const ageMs = this.#clock.now().getTime() - (known?.at ?? 0)
    const isFresh = ageMs >= 0 && ageMs < rememberedForMs
    if (known && isFresh && timingSafeEqual(known.digest, this.#digest(claim))) return true
    this.#right.delete(place)
    return false
  }

  keep(claim: Claim): void {
    this.#right.set(placeOf(claim), { digest: this.#digest(claim), at: this.#clock.now().getTime() })
  }

  #digest({ credential, password }: Claim): Buffer {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([credential, password]))
      .digest()
  }
}

function placeOf({ username, address }: Claim): string {
  return `${username}\n${address}`
}
