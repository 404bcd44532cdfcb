/**
 * Serves files that the build has also compressed: `name.js` beside `name.js.br` and `name.js.gz`. All three have the
 * same weak ETag, so that a browser that cached one encoding gets 304 for the others too (RFC 9110 §8.8.1).
 */
import { readdirSync, type Stats, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import express, { type RequestHandler, type Response, Router } from 'express'
import { type Encoding, encodingFor, type Packing } from './encoding.ts'

interface Keeping {
  immutable: boolean
  maxAge: string
}

/**
 * Browsers apply these headers to documents and workers only, and the log names no request for a file that was sent. On the 30 scripts
 * and style sheets of a page they cost 12 kB, more than most pages themselves. Other kinds of files keep them: an SVG can be a document.
 */
const documentHeaders = [
  'Content-Security-Policy',
  'Cross-Origin-Opener-Policy',
  'Origin-Agent-Cluster',
  'X-DNS-Prefetch-Control',
  'X-Frame-Options',
  'X-Request-Id',
]
const partsOfDocuments = new Set(['.js', '.css'])

const endings = { br: '.br', gzip: '.gz' } as const satisfies Record<Packing, string>

interface PackedFile {
  tag: string
  /** The file name for each encoding. */
  names: ReadonlyMap<Encoding, string>
}

/** Reads the folder once, at the start. A request can only choose among the compressed files that existed then. */
export function staticFiles(place: string, keeping: Keeping): Router {
  const folder = resolve(place)
  const packed = packedFilesIn(folder)
  // One validator is enough; the compressed files have a later modification time than their source.
  const options = { ...keeping, etag: false, lastModified: false }
  const router = Router()
  router.use(sendPacked(folder, packed, options))
  router.use(
    express.static(folder, {
      ...options,
      index: false,
      setHeaders: (response, path, stats) => {
        response.setHeader('ETag', tagOf(stats))
        removeDocumentHeaders(response, path)
        if (packed.has(path.slice(folder.length))) response.setHeader('Vary', 'Accept-Encoding')
      },
    }),
  )
  return router
}

/** Only for a file that is sent: another answer to the same path can be a document. Returns what it removed. */
function removeDocumentHeaders(response: Response, path: string): Headers {
  const removed = new Headers()
  if (!partsOfDocuments.has(extname(path))) return removed
  for (const name of documentHeaders) {
    const value = response.get(name)
    if (value !== undefined) removed.set(name, value)
    response.removeHeader(name)
  }
  return removed
}

function sendPacked(folder: string, packed: ReadonlyMap<string, PackedFile>, options: object): RequestHandler {
  return (request, response, next) => {
    const file = request.method === 'GET' || request.method === 'HEAD' ? packed.get(request.path) : undefined
    const encoding = file ? encodingFor(request) : 'identity'
    const name = file?.names.get(encoding)
    if (!file || name === undefined) return next()
    const headers = { ETag: file.tag, Vary: 'Accept-Encoding', 'Content-Encoding': encoding }
    const removed = removeDocumentHeaders(response, request.path)
    // No ranges: a client would combine ranges of two encodings under one tag into a broken file.
    delete request.headers.range
    const sending = { ...options, root: folder, headers, acceptRanges: false }
    response.type(extname(request.path)).sendFile(name, sending, (error) => {
      if (!error || response.headersSent) return
      // The compressed file was removed after the start: send the plain one, or what answers when there is none.
      response.removeHeader('Content-Encoding')
      response.setHeaders(removed)
      next()
    })
  }
}

function packedFilesIn(folder: string): ReadonlyMap<string, PackedFile> {
  const names = new Set(readdirSync(folder))
  const packed = new Map<string, PackedFile>()
  for (const name of names) {
    const twins = Object.entries(endings).filter(([, ending]) => names.has(name + ending))
    if (twins.length === 0) continue
    packed.set(`/${name}`, {
      tag: tagOf(statSync(join(folder, name))),
      names: new Map(twins.map(([encoding, ending]) => [encoding as Packing, name + ending])),
    })
  }
  return packed
}

function tagOf({ size, mtimeMs }: Stats): string {
  return `W/"${size.toString(16)}-${Math.trunc(mtimeMs).toString(16)}"`
}
