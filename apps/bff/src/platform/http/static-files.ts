/**
 * Files that the build has packed as well: `name.js` beside `name.js.br` and `name.js.gz`. All three have one weak tag, so that
 * what a browser knows in one encoding is known in the others (RFC 9110 §8.8.1).
 */
import { readdirSync, type Stats, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import express, { type RequestHandler, Router } from 'express'
import { type Encoding, encodingFor, type Packing } from './encoding.ts'

interface Keeping {
  immutable: boolean
  maxAge: string
}

const endings = { br: '.br', gzip: '.gz' } as const satisfies Record<Packing, string>

interface PackedFile {
  tag: string
  /** By encoding: the name of the file that has it. */
  names: ReadonlyMap<Encoding, string>
}

/** The folder is read once, at the start. A request can only choose among the packed files that were there then. */
export function staticFiles(place: string, keeping: Keeping): Router {
  const folder = resolve(place)
  const packed = packedFilesIn(folder)
  // One validator is enough, and the packed files are younger than what they were made from.
  const options = { ...keeping, etag: false, lastModified: false }
  const router = Router()
  router.use(sendPacked(folder, packed, options))
  router.use(
    express.static(folder, {
      ...options,
      index: false,
      setHeaders: (response, path, stats) => {
        response.setHeader('ETag', tagOf(stats))
        if (packed.has(path.slice(folder.length))) response.setHeader('Vary', 'Accept-Encoding')
      },
    }),
  )
  return router
}

function sendPacked(folder: string, packed: ReadonlyMap<string, PackedFile>, options: object): RequestHandler {
  return (request, response, next) => {
    const file = request.method === 'GET' || request.method === 'HEAD' ? packed.get(request.path) : undefined
    const encoding = file ? encodingFor(request) : 'identity'
    const name = file?.names.get(encoding)
    if (!file || name === undefined) return next()
    const headers = { ETag: file.tag, Vary: 'Accept-Encoding', 'Content-Encoding': encoding }
    // No parts: under one tag, those of two encodings would be put together to something broken.
    delete request.headers.range
    const sending = { ...options, root: folder, headers, acceptRanges: false }
    response.type(extname(request.path)).sendFile(name, sending, (error) => {
      if (!error || response.headersSent) return
      // The packed file was removed after the start: try the unpacked one.
      response.removeHeader('Content-Encoding')
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
