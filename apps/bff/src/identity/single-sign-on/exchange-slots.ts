/**
 * How many codes are exchanged at a time. Anybody can begin a sign-in and come back with an invented code, so one network must not
 * take all the exchanges, and all together must not flood the provider.
 */
import { networkOf } from '../../platform/base/address.ts'
import { Problem } from '../../platform/base/problem.ts'

const mostInAll = 64
/** Behind one address may be a whole company. An exchange takes a tenth of a second. */
const mostOfNetwork = 16

export class ExchangeSlots {
  readonly #running = new Map<string, number>()
  #inAll = 0

  /** Throws `throttled` where too many exchanges are running. */
  async run<T>(address: string, work: () => Promise<T>): Promise<T> {
    const network = networkOf(address)
    const own = this.#running.get(network) ?? 0
    if (own >= mostOfNetwork || this.#inAll >= mostInAll) throw new Problem('throttled', { retryAfterSeconds: 1 })
    this.#running.set(network, own + 1)
    this.#inAll += 1
    try {
      return await work()
    } finally {
      this.#inAll -= 1
      const left = (this.#running.get(network) ?? 1) - 1
      if (left === 0) this.#running.delete(network)
      else this.#running.set(network, left)
    }
  }
}
