/** Compresses the built files once, at a high level, as `name.br` and `name.gz` beside them. The server only chooses one. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

// The server renders the HTML pages for each request, with a nonce, so they are not compressed here.
const worthPacking = /\.(js|css|svg)$/
/** Smaller than a packet on the wire: packing gains nothing. */
const minBytes = 1_024
/** Only the API's reference has such a file. The highest level takes twice the time there, for two percent. */
const largeBytes = 1_000_000

const toBrotli = promisify(brotliCompress)
const toGzip = promisify(gzip)

export function packedFiles(): Plugin {
  return {
    name: 'gatehouse-packed-files',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const files = Object.values(bundle).filter(({ fileName }) => worthPacking.test(fileName))
      await Promise.all(
        files.map((file) =>
          packFile(join(dir, file.fileName), Buffer.from(file.type === 'chunk' ? file.code : file.source)),
        ),
      )
    },
  }
}

async function packFile(path: string, bytes: Buffer): Promise<void> {
  if (bytes.length < minBytes) return
  const highest = constants.BROTLI_MAX_QUALITY
  const params = {
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    [constants.BROTLI_PARAM_QUALITY]: bytes.length < largeBytes ? highest : highest - 1,
  }
  const [br, gz] = await Promise.all([
    toBrotli(bytes, { params }),
    toGzip(bytes, { level: constants.Z_BEST_COMPRESSION }),
  ])
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)])
}
