/** The key that encrypts TOTP secrets, itself encrypted with a key that the settings give. */
import { deleteInstallationFact, readInstallationFact, writeInstallationFact } from '../../platform/db/installation.ts'
import type { Db, Trx } from '../../platform/db/open.ts'

const wrappedKey = 'wrapped data key'

export const findWrappedKey = (db: Db): Promise<string | null> => readInstallationFact(db, wrappedKey)
export const writeWrappedKey = (trx: Trx, value: string): Promise<void> => writeInstallationFact(trx, wrappedKey, value)
export const deleteWrappedKey = (trx: Trx): Promise<void> => deleteInstallationFact(trx, wrappedKey)
