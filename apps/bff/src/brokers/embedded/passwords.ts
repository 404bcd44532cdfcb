// Passwords are checked in the main thread, where attempts are counted, two at a time. A right password is remembered for one username, one
// address and one stored credential. The first other password from that place deletes the memory, so that guessing is always counted.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { setTimeout as waitFor } from 'node:timers/promises'
import { maxPasswordLength } from '@gatehouse/contract/identity/password'
import { maxUsernameLength } from '@gatehouse/contract/identity/users'
import { LRUCache } from 'lru-cache'
import type { DecisionUser } from '../../access/decision/facts.ts'
import { Slots } from '../../platform/base/slots.ts'
import type { PasswordAttempt, PasswordResult, SlowRefusal } from './port.ts'

const atOnce = 2
const maxWaiting = 200
const rememberedPasswords = 10_000
const answerWithinMs = 10_000

type Answer = PasswordResult | SlowRefusal
type Check = (attempt: PasswordAttempt) => Promise<Answer>

export class Passwords {
  readonly #check: Check
  readonly #wait: (ms: number) => Promise<unknown>
  // A new key at each start, never stored: the digests are of no use outside this process.
  readonly #key = randomBytes(32)
  readonly #proved = new LRUCache<string, Buffer>({ max: rememberedPasswords })
  readonly #slots = new Slots({ atOnce, maxWaiting })

  constructor(check: Check, wait: (ms: number) => Promise<unknown> = waitFor) {
    this.#check = check
    this.#wait = wait
  }

  async verify(attempt: PasswordAttempt, user: DecisionUser | null): Promise<PasswordResult> {
    if (attempt.username.length > maxUsernameLength || attempt.password.length > maxPasswordLength) return 'wrong'
    const place = `${attempt.username}\n${attempt.address}`
    const digest = user?.credential ? this.#digest(user.id, user.credential, attempt.password) : null
    const proved = this.#proved.get(place)
    if (digest && proved && timingSafeEqual(digest, proved)) return 'right'
    this.#proved.delete(place)
    const { answer, startedAt } = await this.#queue(attempt)
    if (answer === 'right' && digest) this.#proved.set(place, digest)
    if (typeof answer === 'string') return answer
    // The slot is free again: this wait delays no other attempt.
    await this.#wait(Math.max(0, startedAt + answer.lastsMs - performance.now()))
    return answer.result
  }

  async #queue(attempt: PasswordAttempt): Promise<{ answer: Answer; startedAt: number }> {
    if (this.#slots.isFull) return { answer: 'busy', startedAt: 0 }
    return this.#slots.run(async () => {
      const startedAt = performance.now()
      try {
        return { answer: await orBusy(this.#check(attempt)), startedAt }
      } catch {
        return { answer: 'busy', startedAt } // the main thread failed; the client may try again
      }
    })
  }

  // With the stored credential in the digest, a new password invalidates the memory.
  #digest(userId: string, credential: string, password: string): Buffer {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([userId, credential, password]))
      .digest()
  }
}

function orBusy(checked: Promise<Answer>): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const timer = setTimeout(() => resolve('busy'), answerWithinMs)
  return Promise.race([checked, promise]).finally(() => clearTimeout(timer))
}
