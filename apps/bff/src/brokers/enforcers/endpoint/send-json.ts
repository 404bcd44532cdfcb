import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const compress = promisify(gzip)
/** Smaller answers are not worth it. */
const compressedFromBytes = 1_024

/** The length of a compressed answer reveals secrets in it (BREACH), so an answer with secrets is sent as it is. */
export async function sendJson(
  response: ServerResponse,
  answer: object,
  { hasSecrets }: { hasSecrets: boolean },
): Promise<void> {
  const text = Buffer.from(JSON.stringify(answer))
  response.setHeader('Content-Type', 'application/json')
  if (hasSecrets || text.length < compressedFromBytes) response.end(text)
  else response.setHeader('Content-Encoding', 'gzip').end(await compress(text))
}
