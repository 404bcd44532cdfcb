/** The certificates and CAs that expire next. Callers see only those whose list they may read. */
import { X509Certificate } from 'node:crypto'
import { mayCall } from '@gatehouse/contract/access/permission'
import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import {
  type ExpiriesToCome,
  type Expiring,
  type ExpiryKind,
  expiryKinds,
} from '@gatehouse/contract/operations/overview'
import { countAuthorityEnds, listEndingAuthorities } from '../../certificates/authorities/ends-store.ts'
import { countCertificateEnds, listEndingCertificates } from '../../certificates/issued/ends-store.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import type { OverviewContext } from './service.ts'

type Ends = Pick<OverviewContext, 'reader' | 'clock' | 'serverCertificate'>

const listed = 8
const dayMs = 24 * 60 * 60_000
const weeks = 52

export async function viewExpiries(context: Ends, { permissions }: Caller): Promise<ExpiriesToCome> {
  const mayRead: Record<ExpiryKind, boolean> = {
    authority: mayCall(permissions, authorities.list),
    issued: mayCall(permissions, clientCertificates.list),
    seen: mayCall(permissions, clientCertificates.list),
    server: mayCall(permissions, broker.view),
  }
  const { reader, clock } = context
  const now = clock.now()
  const kinds = expiryKinds.filter((kind) => mayRead[kind])
  const next = await Promise.all(kinds.map((kind) => findNext(context, kind, { from: now, limit: listed })))
  const from = new Date(Math.floor(now.getTime() / dayMs) * dayMs)
  const over = (kind: Exclude<ExpiryKind, 'server'>) => (mayRead[kind] ? countWeeks(reader, kind, { now, from }) : null)
  return {
    next: next
      .flat()
      .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter))
      .slice(0, listed),
    from: from.toISOString(),
    weeks: { authority: await over('authority'), issued: await over('issued'), seen: await over('seen') },
  }
}

/** The earliest end of each kind. Authorities and the server's certificate may have expired already, because they stay in use. */
export async function findEarliestEnds(context: Ends): Promise<Map<ExpiryKind, Date>> {
  const found = await Promise.all(
    expiryKinds.map((kind) => {
      const isInUse = kind === 'authority' || kind === 'server'
      return findNext(context, kind, { from: isInUse ? null : context.clock.now(), limit: 1 })
    }),
  )
  return new Map(found.flat().map(({ kind, notAfter }) => [kind, new Date(notAfter)]))
}

async function findNext(
  { reader, clock, serverCertificate }: Ends,
  kind: ExpiryKind,
  { from, limit }: { from: Date | null; limit: number },
): Promise<Expiring[]> {
  if (kind === 'server')
    return readServer(serverCertificate()).filter(({ notAfter }) => !from || new Date(notAfter) >= from)
  if (kind === 'authority') {
    const found = await listEndingAuthorities(reader, { from, limit })
    return found.map((authority) => ({ kind, ...authority, userId: null }))
  }
  const found = await listEndingCertificates(reader, { kind, from: from ?? clock.now(), limit })
  return found.map(({ username, ...certificate }) => ({ kind, name: username, ...certificate }))
}

function readServer(shown: { certificatePem: string } | null): Expiring[] {
  if (!shown) return []
  const { subject, fingerprint256, validFromDate, validToDate } = new X509Certificate(shown.certificatePem)
  return [
    {
      kind: 'server',
      fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
      name: /^CN=(.+)$/m.exec(subject)?.[1] ?? subject,
      notBefore: validFromDate.toISOString(),
      notAfter: validToDate.toISOString(),
      userId: null,
    },
  ]
}

async function countWeeks(
  reader: Db,
  kind: Exclude<ExpiryKind, 'server'>,
  { now, from }: { now: Date; from: Date },
): Promise<number[]> {
  const span = { from: now, until: new Date(from.getTime() + weeks * 7 * dayMs) }
  const days = await (kind === 'authority'
    ? countAuthorityEnds(reader, span)
    : countCertificateEnds(reader, { kind, ...span }))
  const counts = Array.from({ length: weeks }, () => 0)
  for (const { day, count } of days) {
    const week = Math.floor((Date.parse(day) - from.getTime()) / (7 * dayMs))
    counts[week] = (counts[week] ?? 0) + count
  }
  return counts
}
