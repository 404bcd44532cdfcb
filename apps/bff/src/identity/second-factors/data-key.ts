/**
 * The data key encrypts stored secrets. It is random, made at the first start, and wrapped under the installation's secret key. The
 * first secret key is in use. The others only unwrap: a data key that they wrapped is rewrapped under the first one at once.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import { readFileIfThere, writeFileSafely } from '../../platform/base/files.ts'
import {
  type Keyring,
  keyBytes,
  makeKeyring,
  newDataKey,
  unwrapDataKey,
  wrapDataKey,
} from '../../platform/base/keyring.ts'
import type { Db } from '../../platform/db/open.ts'
import { findWrappedKey, writeWrappedKey } from './data-key-store.ts'

interface SecretKeys {
  /** From the settings, the one in use first. Null: the key is in `secret.key` in the data folder. */
  given: Buffer[] | null
  dataDir: string
}

/** Throws `BadSettings`, and changes nothing, if the secret key of the stored data key is lost. */
export async function openKeyring(db: Db, { given, dataDir }: SecretKeys): Promise<Keyring> {
  const wrapped = await findWrappedKey(db)
  const file = join(dataDir, 'secret.key')
  const secretKeys = given ?? [await readKeyFile(file, { mayMake: wrapped === null })]
  const dataKey = wrapped === null ? newDataKey() : unwrapWithOneOf(wrapped, secretKeys)
  if (!dataKey) throw lost(given ? 'GATEHOUSE_SECRET_KEY' : file, 'not the key that this database was used with')
  const [current] = secretKeys
  if (!current || (wrapped !== null && unwrapDataKey(wrapped, current))) return makeKeyring(dataKey)
  const isKept = await db.transaction().execute(async (trx) => {
    // Another process that started at the same moment was first. Its key is used.
    if ((await findWrappedKey(trx)) !== wrapped) return false
    await writeWrappedKey(trx, wrapDataKey(dataKey, current))
    return true
  })
  return isKept ? makeKeyring(dataKey) : openKeyring(db, { given, dataDir })
}

async function readKeyFile(file: string, { mayMake }: { mayMake: boolean }): Promise<Buffer> {
  const text = await readFileIfThere(file)
  if (text === null && !mayMake) throw lost(file, 'missing')
  if (text === null) return makeKeyFile(file)
  const secretKey = Buffer.from(text.trim(), 'base64')
  if (secretKey.length !== keyBytes) throw lost(file, 'no key: 32 bytes in base64')
  return secretKey
}

async function makeKeyFile(file: string): Promise<Buffer> {
  const made = randomBytes(keyBytes)
  await writeFileSafely(file, `${made.toString('base64')}\n`, 0o600)
  return made
}

function lost(where: string, what: string): BadSettings {
  return new BadSettings([
    `${where} is ${what}; nothing was changed. Take it from the backup, in the file or as GATEHOUSE_SECRET_KEY; see docs/operation.md`,
  ])
}

function unwrapWithOneOf(wrapped: string, secretKeys: readonly Buffer[]): Buffer | null {
  for (const secretKey of secretKeys) {
    const dataKey = unwrapDataKey(wrapped, secretKey)
    if (dataKey) return dataKey
  }
  return null
}
