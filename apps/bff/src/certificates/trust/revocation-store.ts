/** Reads revocations and CRLs for the broker, in slices: there may be a hundred thousand. */
import type { WhenExpired } from '@gatehouse/contract/certificates/crls'
import type { PreparedReader } from '../../platform/db/prepared-reader.ts'
import { clockSkewOf, policiesFrom } from '../../platform/policies/store.ts'

/** A certificate, named by the key that signed it and by its serial number. */
export interface RevokedNumber {
  issuerKey: string
  serialNumber: string
}

export interface StoredListFacts {
  fingerprint: string
  issuerKey: string
  scope: string
  nextUpdate: string | null
}

export interface StoredListBytes {
  der: Uint8Array
  /** The certificate of the key that signed the CRL. Null: the CA itself signed it. */
  signer: Uint8Array | null
}

export interface RevocationStore {
  /** Certificates that were revoked in the console, in order, after this one. */
  listRevoked(after: RevokedNumber): Promise<RevokedNumber[]>
  listRevocationLists(): Promise<StoredListFacts[]>
  readRevocationList(fingerprint: string): Promise<StoredListBytes | null>
  /** The policy for expired CRLs. */
  whenExpired(): Promise<WhenExpired>
  /** The policy for clocks of devices and CAs that are ahead of this server's. */
  clockSkewMs(): Promise<number>
}

const atATime = 2_000

export function prepareRevocations(reader: PreparedReader): RevocationStore {
  const revoked = reader.prepare<{ issuer_key: string; serial_number: string }>(
    () => `select issuer_key, serial_number from revocations
     where (issuer_key, serial_number) > (?, ?) order by issuer_key, serial_number limit ${atATime}`,
  )
  const lists = reader.prepare<ListRow>(
    () => 'select fingerprint, issuer_key, scope, next_update from revocation_lists order by fingerprint',
  )
  const list = reader.prepare<StoredListBytes>(() => 'select der, signer from revocation_lists where fingerprint = ?')
  const policies = reader.prepare<{ policies: string; version: number }>(
    () => 'select policies, version from settings where id = 1',
  )
  const whenExpired = async () => policiesFrom((await policies())[0]).crl.whenExpired
  const clockSkewMs = async () => clockSkewOf(policiesFrom((await policies())[0]))
  return {
    listRevoked: async (after) => {
      const rows = await revoked(after.issuerKey, after.serialNumber)
      return rows.map(({ issuer_key, serial_number }) => ({ issuerKey: issuer_key, serialNumber: serial_number }))
    },
    listRevocationLists: async () => {
      const rows = await lists()
      return rows.map(({ issuer_key, next_update, ...row }) => ({
        ...row,
        issuerKey: issuer_key,
        nextUpdate: next_update,
      }))
    },
    readRevocationList: async (fingerprint) => (await list(fingerprint))[0] ?? null,
    whenExpired,
    clockSkewMs,
  }
}

interface ListRow {
  fingerprint: string
  issuer_key: string
  scope: string
  next_update: string | null
}
