import type { Readable } from 'node:stream'

/** Reads a stream to its end. Null: it has more bytes. Rejects if it ends early. */
export async function readAtMost(stream: Readable, mostBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  // Destroying a request would end its connection before it is answered.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
