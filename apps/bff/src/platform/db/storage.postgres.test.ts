/** The database is on a server, and the disk of the data folder, with the log of the broker, is full. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { overview } from '@gatehouse/contract/operations/overview'
import { expect, it, onTestFinished } from 'vitest'
import { startApp } from '../../../test/app.ts'

const mib = 1024 * 1024

/** Null where this machine does not let us. */
function mountSmall(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-disk-'))
  // The last of these runs first.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]).status === 0
  if (isMounted) onTestFinished(() => void spawnSync('umount', ['-l', folder]))
  return isMounted ? folder : null
}

it('is not ready while the disk of the data folder is full', async (context) => {
  const disk = mountSmall()
  if (!disk) context.skip('this machine does not let tests mount a file system')
  const dataDir = join(disk ?? '', 'data')
  mkdirSync(dataDir)
  const app = await startApp({ GATEHOUSE_LOW_SPACE_MIB: '8' }, { dataDir })
  onTestFinished(() => app.stop())
  const ready = async (): Promise<unknown> => (await fetch(`${app.url}/readyz`)).json()
  expect(await ready()).toEqual({ status: 'ready', broken: [] })
  const { bavail, bsize } = statfsSync(dataDir)
  const filler = join(dataDir, 'filler')
  writeFileSync(filler, Buffer.alloc(bavail * bsize - mib / 2))
  expect(await ready()).toEqual({ status: 'not ready', broken: ['storage'] })
  const admin = await app.as('admin')
  expect((await admin(overview.view, {})).storage).toMatchObject({ state: 'full' })
  rmSync(filler)
  expect(await ready()).toEqual({ status: 'ready', broken: [] })
})
