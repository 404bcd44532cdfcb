import { expect, test, vi } from 'vitest'
import type { DirectoryConnection } from './connection.ts'
import { ConnectionPool } from './connection-pool.ts'

test('closes a connection that is in use when the pool is closed', async () => {
  const close = vi.fn<() => void>()
  const connection = { isOpen: true, close } as unknown as DirectoryConnection
  const pool = new ConnectionPool(async () => connection)
  await pool.use(async () => pool.close())
  expect(close).toHaveBeenCalledOnce()
})
