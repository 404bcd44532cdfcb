/** Puts an authority into the trust store without the API. */
import { readBundle } from '@gatehouse/pki/read/certificate'
import type { Issued } from '@gatehouse/pki/testing/certificates'
import { insertAuthorities } from '../src/certificates/authorities/store.ts'
import type { Trx } from '../src/platform/db/open.ts'

export async function storeAuthority(trx: Trx, { certificatePem }: Issued, usernames: string[] = []): Promise<void> {
  const [info] = await readBundle(certificatePem)
  if (!info) throw new Error('no certificate')
  const { pem: _pem, ...certificate } = info
  await insertAuthorities(trx, [
    {
      certificate,
      name: info.commonName ?? 'CA',
      notes: null,
      builtIn: false,
      usernames,
      uploadedBy: 'admin',
      uploadedAt: '2026-11-01T10:00:00.000Z',
      withdrawnAt: null,
      limitedBy: null,
      version: 1,
    },
  ])
}
