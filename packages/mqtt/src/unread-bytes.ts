/** Bounds the memory of all connections together for packets that are incomplete, or that wait until reading goes on. */
import type { Core } from './core.ts'

/** With too much waiting of all clients, a client with so much is slow (output) or is closed (input). */
export const crowdedBytes = 16_384

/** The part of one connection. */
export class UnreadBytes {
  readonly #core: Pick<Core, 'traffic' | 'limits'>
  #bytes = 0

  constructor(core: Pick<Core, 'traffic' | 'limits'>) {
    this.#core = core
  }

  /**
   * Notes what the connection holds now: of an incomplete packet, and of packets that wait.
   * @returns true if the connection must end, because all of them hold too much and this one more than before.
   */
  hold({ partialBytes, chunkBytes }: { partialBytes: number; chunkBytes: number }): boolean {
    const { traffic, limits } = this.#core
    const bytes = partialBytes + chunkBytes
    const growth = bytes - this.#bytes
    this.#bytes = bytes
    traffic.incoming += growth
    if (growth <= 0 || traffic.incoming <= limits.incomingBytesTotal) return false
    // Others may have used up the memory: a client with little can still connect.
    return partialBytes > 0 || bytes > crowdedBytes
  }

  release(): void {
    this.#core.traffic.incoming -= this.#bytes
    this.#bytes = 0
  }
}
