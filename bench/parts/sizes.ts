/** Bytes that a browser receives for a page; measured in Chromium by the browser test that also asserts the limits. */
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { execute } from '../../e2e/support/outside.ts'
import type { Measured } from '../part.ts'
import { makeRow } from '../row.ts'

const root = resolve(import.meta.dirname, '../..')
const unit = 'bytes'

interface Report {
  suites: { specs: { tests: { results: { annotations: { type: string; description?: string }[] }[] }[] }[] }[]
}

async function measure(): Promise<Measured> {
  const cli = createRequire(resolve(root, 'e2e/package.json')).resolve('@playwright/test/cli')
  const args = [cli, 'test', '-c', root, 'e2e/app/pages.spec.ts', '--reporter=json']
  const { stdout } = await execute(process.execPath, args, root, 180_000)
  const sizes = readSizes(JSON.parse(stdout) as Report)
  return {
    rows: [
      makeRow({ name: 'Bytes received for the sign-in page', unit, target: 140_000 }, [sizes.signIn], null),
      makeRow(
        { name: 'Bytes received for the largest page before a click', unit, target: 270_000 },
        [sizes.largest],
        null,
      ),
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
