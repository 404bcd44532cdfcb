/**
 * The browser of the tests. Chromium without a window first: the same engine at little more than half the processor time, for
 * nothing draws a browser around the page. CHROMIUM names another.
 */

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const commands = ['chromium-headless-shell', 'chromium']
const folders = (process.env.PATH ?? '').split(delimiter)
const installed = commands.flatMap((command) => folders.map((folder) => join(folder, command))).find(existsSync)

/** Undefined: there is none. */
export const browserPath = process.env.CHROMIUM ?? installed
