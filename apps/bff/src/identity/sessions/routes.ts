/** Lists and ends open sessions: the caller's own, or those of a user whom the caller covers. */

import type { sessions } from '@gatehouse/contract/identity/sessions'
import type { SessionPolicy } from '@gatehouse/contract/operations/settings'
import type { Answer } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { later } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { limitsOf, type SessionContext } from '../sign-in/identify.ts'
import { sessionOf } from '../sign-in/renew.ts'
import {
  deleteOtherSessions,
  deleteSession,
  findSessionById,
  listSessionsOf,
  type SessionRow,
} from '../sign-in/store.ts'
import { requireChangeable } from '../users/service.ts'
import { findUser } from '../users/store.ts'

export function sessionsRoutes(context: SessionContext): Bindings<typeof sessions> {
  return {
    list: ({ caller }) => list(context, caller.userId, caller.sessionId),
    end: ({ params, ...by }) => endOne(context, { userId: by.caller.userId, sessionId: params.id, ...by }),
    endOthers: ({ ...by }) => endAll(context, { userId: by.caller.userId, spared: sessionOf(by.caller), ...by }),
    listOf: async ({ params, caller }) => {
      if (!(await findUser(context.reader, params.id))) throw new Problem('not_found')
      return list(context, params.id, caller.sessionId)
    },
    endOf: ({ params, ...by }) => endOne(context, { userId: params.id, sessionId: params.sessionId, ...by }),
    endAllOf: ({ params, ...by }) => endAll(context, { userId: params.id, spared: null, ...by }),
  }
}

async function list(
  { reader, clock }: SessionContext,
  userId: string,
  current: string | null,
): Promise<Answer<typeof sessions.list>> {
  const { session: policy } = await readPolicies(reader)
  const rows = await listSessionsOf(reader, userId, limitsOf(policy, clock))
  return { items: rows.map((row) => toOpenSession(row, { policy, current })) }
}

async function endOne(
  { db, clock }: SessionContext,
  { userId, sessionId, caller, request }: By & { userId: string; sessionId: string },
): Promise<undefined> {
  await db.transaction().execute(async (trx) => {
    const name = await requireOwnOrCovered(trx, userId, { caller, request })
    const row = await findSessionById(trx, sessionId)
    // Compared with the user, because the caller's right was checked for that user.
    if (row?.user_id !== userId) throw new Problem('not_found')
    await deleteSession(trx, row.id)
    const target = { type: 'session', id: row.id, name } as const
    await recordEvent(trx, clock, { action: 'session.ended', actor: actorOf(caller, request), target })
  })
}

async function endAll(
  { db, clock }: SessionContext,
  { userId, spared, caller, request }: By & { userId: string; spared: string | null },
): Promise<{ ended: number }> {
  return db.transaction().execute(async (trx) => {
    const name = await requireOwnOrCovered(trx, userId, { caller, request })
    const ended = await deleteOtherSessions(trx, userId, spared)
    const target = { type: 'user', id: userId, name } as const
    await recordEvent(trx, clock, {
      action: 'session.ended',
      actor: actorOf(caller, request),
      target,
      after: { ended },
    })
    return { ended }
  })
}

/** Returns the username. Every user may end their own sessions. */
async function requireOwnOrCovered(trx: Trx, userId: string, { caller, request }: By): Promise<string> {
  if (userId === caller.userId) return caller.username
  return (await requireChangeable(trx, userId, { caller, request })).username
}

function toOpenSession(
  row: Omit<SessionRow, 'proofs' | 'provider'>,
  { policy, current }: { policy: SessionPolicy; current: string | null },
) {
  const atMostUntil = later(new Date(row.created_at), policy.absoluteHours * 60 * 60_000)
  return {
    id: row.id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at < atMostUntil ? row.expires_at : atMostUntil,
    address: row.address,
    userAgent: row.user_agent,
    current: row.id === current,
  }
}
