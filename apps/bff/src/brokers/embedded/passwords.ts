// Rule: a password is checked where attempts are counted, two at a time; what was proved is remembered for one user, one address and one
// stored credential, and forgotten at the first wrong attempt from there, so that guessing never goes around the throttle.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { maxPasswordLength } from '@gatehouse/contract/identity/users'
import type { StoredUser } from '../../certificates/trust/user-facts-store.ts'
import type { PasswordAttempt } from './port.ts'

const atOnce = 2
const maxWaiting = 200
const rememberedPasswords = 10_000
const maxUsernameLength = 64
const answerWithinMs = 10_000

export type Checked = 'right' | 'wrong' | 'throttled' | 'busy'
type Check = (attempt: PasswordAttempt) => Promise<Exclude<Checked, 'busy'>>

export class Passwords {
  readonly #check: Check
  // Made anew at each start and never written anywhere: the memory of another process is of no use.
  readonly #key = randomBytes(32)
  readonly #proved = new Map<string, Buffer>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(check: Check) {
    this.#check = check
  }

  async verify(attempt: PasswordAttempt, user: StoredUser | null): Promise<Checked> {
    if (attempt.username.length > maxUsernameLength || attempt.password.length > maxPasswordLength) return 'wrong'
    const place = `${attempt.username}\n${attempt.address}`
    const digest = user?.credential ? this.#digest(user.id, user.credential, attempt.password) : null
    const proved = this.#proved.get(place)
    if (digest && proved && timingSafeEqual(digest, proved)) return 'right'
    this.#proved.delete(place)
    const checked = await this.#queue(attempt)
    if (checked === 'right' && digest) this.#remember(place, digest)
    return checked
  }

  async #queue(attempt: PasswordAttempt): Promise<Checked> {
    if (this.#running >= atOnce) {
      if (this.#waiting.length >= maxWaiting) return 'busy'
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#running++
    }
    try {
      return await orBusy(this.#check(attempt))
    } catch {
      return 'busy' // the console's thread could not say; the client may try again
    } finally {
      // Whoever waits takes this place over; else it becomes free.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  #remember(place: string, digest: Buffer): void {
    const oldest = this.#proved.keys().next()
    if (this.#proved.size >= rememberedPasswords && !oldest.done) this.#proved.delete(oldest.value)
    this.#proved.set(place, digest)
  }

  // With the credential in it, a changed password makes what was remembered worthless by itself.
  #digest(userId: string, credential: string, password: string): Buffer {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([userId, credential, password]))
      .digest()
  }
}

function orBusy(checked: Promise<Checked>): Promise<Checked> {
  const { promise, resolve } = Promise.withResolvers<Checked>()
  const timer = setTimeout(() => resolve('busy'), answerWithinMs)
  return Promise.race([checked, promise]).finally(() => clearTimeout(timer))
}
