/** The unit in docs/operation.md, judged by systemd itself. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const isThere = spawnSync('systemd-analyze', ['--version']).status === 0
const operation = new URL('../../../docs/operation.md', import.meta.url)

/** systemd counts in tenths: the exposure may be 3.0 at most. */
const threshold = '30'

it.skipIf(!isThere)('has an exposure of at most 3.0 of 10', () => {
  const unit = /```ini\n(.*?)```/s.exec(readFileSync(operation, 'utf8'))?.[1] ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-unit-'))
  const file = join(folder, 'gatehouse.service')
  writeFileSync(file, unit)
  const options = ['security', '--offline=true', `--threshold=${threshold}`, '--no-pager', file]
  const { status, stdout, stderr } = spawnSync('systemd-analyze', options, { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/Overall exposure level for gatehouse\.service: [0-3]\.\d/)
  expect(status).toBe(0)
})
