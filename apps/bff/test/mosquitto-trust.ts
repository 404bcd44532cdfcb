/** CAs and their CRLs as a Mosquitto gets them. */
import { readBundle, toPem } from '@gatehouse/pki/read/certificate'
import type { Issued } from '@gatehouse/pki/testing/certificates'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { compileTrust } from '../src/brokers/mosquitto/trust-state.ts'

export interface Trusted {
  authorities: Issued[]
  /** Their CRLs. */
  crls?: Issued[]
  revoked?: Issued[]
}

export async function trustOf({ authorities, crls = authorities, revoked = [] }: Trusted) {
  const cas = await Promise.all(
    authorities.map(async (authority) => {
      const [info] = await readBundle(authority.certificatePem)
      if (!info) throw new Error('no certificate')
      return { ...info, name: info.subject, isLimited: false, limitedBy: null }
    }),
  )
  const dates = { thisUpdate: new Date(Date.now() - 60_000), nextUpdate: new Date(Date.now() + 3_600_000) }
  const serials = await Promise.all(revoked.map(async ({ certificatePem }) => (await readBundle(certificatePem))[0]))
  const entries = serials.map((info) => BigInt(`0x${info?.serialNumber ?? '0'}`))
  const lists = crls.map((authority) => ({
    issuerKey: authority.fingerprint,
    pem: toPem('X509 CRL', makeRevocationList(authority, { entries, ...dates })),
    nextUpdate: null,
  }))
  return compileTrust(cas, { crls: lists, usesCrls: true, at: new Date() })
}
