/**
 * The key under which secrets are kept: random, made at the first start, wrapped under the installation's secret key. The
 * first of the secret keys is the one in use; the others only unwrap, and what they wrapped is rewrapped at once.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readFileIfThere, writeFileSafely } from '../base/files.ts'
import { type Keyring, makeKeyring, newDataKey, unwrapDataKey, wrapDataKey } from '../base/keyring.ts'
import type { Db } from '../db/open.ts'
import { findWrappedKey, writeWrappedKey } from './store.ts'

interface SecretKeys {
  /** From the settings, the one in use first; null: from `secret.key` in the data folder. */
  given: Buffer[] | null
  dataDir: string
}

/** Throws, and has changed nothing, where there are secrets and the key to them is lost. */
export async function openKeyring(db: Db, { given, dataDir }: SecretKeys): Promise<Keyring> {
  const wrapped = await findWrappedKey(db)
  const file = join(dataDir, 'secret.key')
  const secretKeys = given ?? (await readKeyFile(file, { mayMake: wrapped === null }))
  const [current] = secretKeys
  if (!current) throw new Error(`${file} is missing; put it back from the backup, or set GATEHOUSE_SECRET_KEY`)
  const dataKey = wrapped === null ? newDataKey() : unwrapWithOneOf(wrapped, secretKeys)
  if (!dataKey) throw new Error('The secret key is not the one that this database was used with; nothing was changed')
  if (wrapped === null || !unwrapDataKey(wrapped, current)) {
    await db.transaction().execute((trx) => writeWrappedKey(trx, wrapDataKey(dataKey, current)))
  }
  return makeKeyring(dataKey)
}

async function readKeyFile(file: string, { mayMake }: { mayMake: boolean }): Promise<Buffer[]> {
  const text = await readFileIfThere(file)
  if (text !== null) return [Buffer.from(text.trim(), 'base64')]
  if (!mayMake) return []
  const made = randomBytes(32)
  await writeFileSafely(file, `${made.toString('base64')}\n`, 0o600)
  return [made]
}

function unwrapWithOneOf(wrapped: string, secretKeys: readonly Buffer[]): Buffer | null {
  for (const secretKey of secretKeys) {
    const dataKey = unwrapDataKey(wrapped, secretKey)
    if (dataKey) return dataKey
  }
  return null
}
