/**
 * Lists the files that each page of the console needs. The server names them in the page that it sends to a browser with a
 * session, so that all of them are fetched at once instead of one after the other as they are found.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin, Rolldown } from 'vite'

const source = join(import.meta.dirname, '../src')
/** One entry of the site map: its path, and the file of the page. */
const entry = /createRoute\(\{[^]*?(?:path: |at\()'([^']+)'[^]*?import\('\.\.\/([^']+)'\)/g

export function pagePreloads(): Plugin {
  return {
    name: 'gatehouse-page-preloads',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const console = filesOf('app/console-app.tsx', bundle)
        const pages = Object.fromEntries(
          readSiteMap().map(([path, file]) => [path, [...new Set([...console, ...filesOf(file, bundle)])]]),
        )
        // The dot keeps the file private: the server reads it and never sends files whose name begins with a dot.
        this.emitFile({ type: 'asset', fileName: '.preloads.json', source: JSON.stringify({ console, pages }) })
      },
    },
  }
}

function readSiteMap(): [path: string, file: string][] {
  const text = readFileSync(join(source, 'app/routes.tsx'), 'utf8')
  const found = [...text.matchAll(entry)].map(([, path = '', file = '']): [string, string] => [path, file])
  const count = text.split('createRoute({').length - 1
  if (found.length !== count) throw new Error(`routes.tsx has ${count} pages, of which ${found.length} could be read`)
  return found
}

/** The files that this file needs before it runs, without those that the first page has already loaded. */
function filesOf(file: string, bundle: Rolldown.OutputBundle): string[] {
  const found = filesBelow(chunkOf(file, bundle), bundle)
  const started = filesBelow(chunkOf('app/main.tsx', bundle), bundle)
  return [...found].filter((name) => !started.has(name)).map((name) => `/${name}`)
}

function filesBelow(
  chunk: Rolldown.OutputChunk,
  bundle: Rolldown.OutputBundle,
  found = new Set<string>(),
): Set<string> {
  if (found.has(chunk.fileName)) return found
  found.add(chunk.fileName)
  for (const sheet of chunk.viteMetadata?.importedCss ?? []) found.add(sheet)
  for (const name of chunk.imports) {
    const imported = bundle[name]
    if (imported?.type === 'chunk') filesBelow(imported, bundle, found)
  }
  return found
}

function chunkOf(file: string, bundle: Rolldown.OutputBundle): Rolldown.OutputChunk {
  const path = join(source, file)
  const chunks = Object.values(bundle).filter((output) => output.type === 'chunk')
  const facade = chunks.find(({ facadeModuleId }) => facadeModuleId === path)
  const found = facade ?? chunks.find(({ moduleIds }) => moduleIds.includes(path))
  if (!found) throw new Error(`${file} is in no file of the build`)
  return found
}
