/** Bytes that the browser loads, measured in Chromium by the test that also asserts the limits. */
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { execute } from '../../e2e/outside.ts'
import type { Measured } from '../part.ts'
import { makeRow } from '../row.ts'

const root = resolve(import.meta.dirname, '../..')
const unit = 'bytes'

interface Report {
  suites: { specs: { tests: { results: { annotations: { type: string; description?: string }[] }[] }[] }[] }[]
}

async function measure(): Promise<Measured> {
  const cli = createRequire(resolve(root, 'e2e/package.json')).resolve('@playwright/test/cli')
  const args = [cli, 'test', '-c', root, 'e2e/page-size.spec.ts', '--reporter=json']
  const { stdout } = await execute(process.execPath, args, root, 180_000)
  const sizes = readSizes(JSON.parse(stdout) as Report)
  const react = await reactAlone()
  return {
    rows: [
      makeRow({ name: 'Script of the sign-in page, beside React alone', unit, target: 2 }, [sizes.signIn], [react]),
      makeRow({ name: 'Script of the largest page before a click', unit, target: 260_000 }, [sizes.largest], null),
    ],
  }
}

export const sizes = { name: 'sizes', run: measure }

function readSizes({ suites }: Report): { signIn: number; largest: number } {
  const annotations = suites
    .flatMap(({ specs }) => specs)
    .flatMap(({ tests }) => tests)
    .flatMap(({ results }) => results)
    .flatMap((result) => result.annotations)
  const bytesOf = (type: string) => annotations.filter((one) => one.type === type).map((one) => Number(one.description))
  const [signIn] = bytesOf('bytes of the sign-in page')
  const pages = bytesOf('bytes of a page')
  if (signIn === undefined || pages.length === 0) throw new Error('The browser test said no sizes: run it by itself')
  return { signIn, largest: Math.max(...pages) }
}

async function reactAlone(): Promise<number> {
  const entry = resolve(import.meta.dirname, '../sides/react-alone.js')
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    root: resolve(import.meta.dirname, '..'),
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, rollupOptions: { input: entry } },
  })
  const [first] = Array.isArray(output) ? output : [output]
  if (!first || !('output' in first)) throw new Error('Vite built nothing')
  return gzipSync(first.output[0].code).length
}
