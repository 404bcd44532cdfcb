/**
 * Passes bodies on, and the bytes of upgraded connections. They share the thread with MQTT: all of them together work for some
 * milliseconds in one turn of the event loop, and many of them take turns, a chunk at a time.
 */
import type { IncomingMessage } from 'node:http'
import { type Readable, Writable } from 'node:stream'

const turnMs = 4
/** Bodies that go on in one turn, each with one chunk of at most 64 KiB. `Turns` of MQTT cannot count them: Node reads later. */
const goOnAtOnce = 8
/** Of one body: read, and not written yet. A device that reads slowly holds no more. */
const maxUnwrittenBytes = 256 * 1_024
/** What a chunk costs beside its bytes: a device may send each byte as one. */
const chunkBytes = 512

/** In one turn, a body works for so many bytes before others may interrupt it. So many chunks without them are a flood. */
const sliceBytes = 4 * 1_024
const floodChunks = 256
/** Smaller chunks are garbage like any other: to free one at once costs more than its memory. */
const worthFreeingBytes = 8 * 1_024

export class BodyFlow {
  #turn = 0
  #turnStartedAt = 0
  readonly #waiting = new Set<() => void>()

  /**
   * Ends `target` after the end of `source`. The caller handles errors, and destroys one when the other has failed. `onFlood` must end
   * `source`: Node has read chunks of a few bytes for milliseconds before the first one arrives here, and would go on.
   */
  pass(source: Readable, target: Writable, onFlood?: () => void): void {
    let unwritten = 0
    let isFull = false
    let slice = { turn: 0, bytes: 0, chunks: 0 }
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
      this.#beginTurn()
      if (slice.turn !== this.#turn) slice = { turn: this.#turn, bytes: 0, chunks: 0 }
      slice.bytes += chunk.length
      if (onFlood && ++slice.chunks > floodChunks && slice.bytes < sliceBytes) {
        target.destroy()
        return onFlood()
      }
      isFull = unwritten >= maxUnwrittenBytes
      if (!isFull && (slice.bytes < sliceBytes || !this.#mustWait())) return
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
  passAnswer(answer: IncomingMessage, target: Writable): void {
    const { socket } = answer
    const bytes = Number(answer.headers['content-length'] ?? Number.POSITIVE_INFINITY)
    if (bytes < worthFreeingBytes) return this.pass(answer, target)
    // Added for each answer, so that it comes after Node's parser.
    socket.on('data', free)
    answer.once('end', () => socket.off('data', free))
    this.pass(answer, target)
  }

  /** Reads a body to its end, with the same turns and bounds as `pass`. Null: it has more bytes. Rejects if it ends early. */
  read(source: Readable, mostBytes: number, onFlood: () => void): Promise<Buffer | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>()
    const body = new GrowingBuffer()
    const target = new Writable({
      // Copied: `pass` frees the chunk afterwards, and many small chunks would need much more memory than their bytes.
      write(chunk: Buffer, _encoding, done) {
        if (body.length + chunk.length <= mostBytes) body.append(chunk)
        else {
          resolve(null)
          target.destroy()
        }
        done()
      },
      final(done) {
        resolve(body.bytes)
        done()
      },
    })
    source.on('error', () => target.destroy()).on('close', () => target.destroy())
    target.on('close', () => reject(new Error('the body ended early')))
    this.pass(source, target, onFlood)
    return promise
  }

  /** Do others wait, or is the time of this turn used up? */
  #mustWait(): boolean {
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
    this.#turn++
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
  if (byteLength < worthFreeingBytes) return
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

class GrowingBuffer {
  #buffer = Buffer.alloc(0)
  length = 0

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length)
  }

  append(chunk: Buffer): void {
    const length = this.length + chunk.length
    if (length > this.#buffer.length) this.#buffer = Buffer.concat([this.bytes], 2 * length)
    chunk.copy(this.#buffer, this.length)
    this.length = length
  }
}
