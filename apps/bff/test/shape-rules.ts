/** Rules for file names and sizes, and for globals that only one file may use. */
import { isShipped } from './boundary-rules.ts'
import type { SourceFile } from './source-files.ts'

const bff = 'apps/bff/src/'

export function globalBreaches(files: SourceFile[]): string[] {
  return files.filter(isShipped).flatMap(({ path, usesEnvironment, usesClock }) => {
    const isGuarded = /^(apps|packages)\//.test(path)
    const breaches = []
    if (isGuarded && usesEnvironment && path !== `${bff}env.ts`) breaches.push(`${path}: only env.ts reads process.env`)
    if (path.startsWith(bff) && usesClock && path !== `${bff}platform/base/clock.ts`)
      breaches.push(`${path}: only platform/base/clock.ts asks for the time`)
    return breaches
  })
}

export function shapeBreaches(files: SourceFile[]): string[] {
  return files.flatMap(nameAndSizeBreaches)
}

function nameAndSizeBreaches({ path, lines }: SourceFile): string[] {
  const forbidden = path
    .split('/')
    .find((part) => /^(.*-)?(utils?|helpers?|manager|misc)(\.|$)|^(common|types|shared|index)(\.|$)/.test(part))
  const breaches = []
  if (forbidden) breaches.push(`${path}: "${forbidden}" says nothing; name it by the domain (and no barrels)`)
  if (lines > 301) breaches.push(`${path}: ${lines} lines; a source file has 300 at most`)
  return breaches
}
