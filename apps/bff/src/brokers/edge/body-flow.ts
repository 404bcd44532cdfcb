/**
 * Passes bodies on. They share the thread with MQTT: all of them together work for some milliseconds in one turn of the event loop, and
 * many of them take turns, a chunk at a time.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'

const turnMs = 4
/** Bodies that go on in one turn, each with one chunk of at most 64 KiB. `Turns` of MQTT cannot count them: Node reads later. */
const goOnAtOnce = 8
/** Of one body: read, and not written yet. A device that reads slowly holds no more. */
const maxUnwrittenBytes = 256 * 1_024
/** What a chunk costs beside its bytes: a device may send each byte as one. */
const chunkBytes = 1_024

export class BodyFlow {
  #turnStartedAt = 0
  readonly #waiting = new Set<() => void>()

  /** Ends `target` after the end of `source`. The caller handles errors, and destroys one when the other has failed. */
  pass(source: Readable, target: Writable): void {
    let unwritten = 0
    let isFull = false
    const goOn = () => void source.resume()
    const onData = (chunk: Buffer) => {
      if (target.destroyed) return
      const cost = chunk.length + chunkBytes
      unwritten += cost
      target.write(chunk, (error) => {
        if (error) return
        free(chunk)
        unwritten -= cost
        if (!isFull || unwritten > maxUnwrittenBytes / 2) return
        isFull = false
        this.#later(goOn)
      })
      isFull = unwritten >= maxUnwrittenBytes
      if (!isFull && !this.#mustWait()) return
      source.pause()
      if (!isFull) this.#later(goOn)
    }
    source.on('data', onData)
    source.on('end', () => target.end())
    target.on('close', () => {
      source.off('data', onData).pause()
      this.#waiting.delete(goOn)
    })
  }

  /** `answer` comes from `node:http`, which copies the body out of what it reads. */
  passAnswer(answer: IncomingMessage, response: ServerResponse): void {
    const { socket } = answer
    // Added for each answer, so that it comes after Node's parser.
    socket.on('data', free)
    answer.once('end', () => socket.off('data', free))
    this.pass(answer, response)
  }

  /** Do others wait, or is the time of this turn used up? */
  #mustWait(): boolean {
    this.#beginTurn()
    return this.#waiting.size > 0 || performance.now() - this.#turnStartedAt > turnMs
  }

  #later(goOn: () => void): void {
    this.#waiting.add(goOn)
    this.#beginTurn()
  }

  #beginTurn(): void {
    if (this.#turnStartedAt !== 0) return
    this.#turnStartedAt = performance.now()
    setImmediate(() => this.#endTurn())
  }

  #endTurn(): void {
    this.#turnStartedAt = 0
    for (const goOn of [...this.#waiting].slice(0, goOnAtOnce)) {
      this.#waiting.delete(goOn)
      goOn()
    }
    if (this.#waiting.size > 0) this.#beginTurn()
  }
}

/**
 * Frees the memory of a chunk that was written. Otherwise V8 collects the garbage of the whole broker after every 32 MiB, because that
 * much waits outside its heap: half the CPU of a large download. A chunk that shares its memory with others stays.
 */
function free({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}
