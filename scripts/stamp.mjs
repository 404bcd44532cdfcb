/** A stamp is a small file that says from what something was made: same hash, nothing to do. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/**
 * @param {string[]} paths below the root
 * @param {string[]} [facts] what else the result depends on
 */
export function hashFiles(paths, facts = []) {
  const hash = createHash('sha256')
  for (const fact of facts) hash.update(`${fact}\n`)
  for (const path of paths) {
    const content = readFileSync(join(root, path))
    // The length keeps "ab" + "c" apart from "a" + "bc".
    hash.update(`${path}\n${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/** @param {string} path */
export function readStamp(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // never made, or taken away: both mean that it has to be made
  }
}
