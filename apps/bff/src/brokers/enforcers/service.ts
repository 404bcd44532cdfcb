/** What an administrator does with the enforcer of a broker: look at it, make a token for it, revoke it. */
import { formatEnrolmentToken } from '@gatehouse/contract/brokers/enforcer-protocol'
import type { BrokerEnforcer, EnrolmentMade } from '@gatehouse/contract/brokers/enforcers'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { later, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import { hashSecret, newSecret } from '../../platform/base/secret.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import type { BrokerRow } from '../inventory/adapter.ts'
import { answerWithin } from '../inventory/deadline.ts'
import { findBroker } from '../inventory/store.ts'
import { ensureAuthority } from './authority.ts'
import { fingerprintOf } from './authority-certificates.ts'
import type { EnrolmentContext } from './enrolment.ts'
import type { EnforcerHub } from './hub.ts'
import { present } from './present.ts'
import { deleteEnforcerOf, findEnforcerOf } from './store.ts'
import { deleteToken, findTokenOf, putToken } from './token-store.ts'

export interface EnforcersContext extends EnrolmentContext {
  hub: EnforcerHub
  /** Where enforcers connect. Null: the listener is off. */
  enforcerUrl: string | null
}

const tokenLastsMs = 60 * 60_000

type OfBroker = By & { id: string }

export async function viewEnforcer(context: EnforcersContext, id: string): Promise<BrokerEnforcer> {
  const { reader, clock, hub, enforcerUrl } = context
  const broker = await find(reader, id)
  const [enforcer, token] = [await findEnforcerOf(reader, broker.id), await findTokenOf(reader, broker.id)]
  const isOpen = token !== null && token.usedAt === null && Date.parse(token.expiresAt) > clock.now().getTime()
  return {
    address: enforcerUrl,
    enforcer: enforcer && present(enforcer, { connection: hub.find(broker.id), now: clock.now() }),
    enrolment: isOpen ? token : null,
  }
}

export async function makeToken(context: EnforcersContext, { id, caller, request }: OfBroker): Promise<EnrolmentMade> {
  const { db, clock, enforcerUrl } = context
  if (enforcerUrl === null) throw new Problem('no_enforcer_listener')
  const { certificatePem } = await ensureAuthority(context)
  const secret = newSecret()
  const expiresAt = later(clock.now(), tokenLastsMs)
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const broker = await find(trx, id)
    await putToken(trx, {
      brokerId: broker.id,
      secretHash: hashSecret(secret),
      createdAt: timestamp(clock),
      createdBy: caller.username,
      expiresAt,
    })
    await recordEvent(trx, clock, {
      action: 'enforcer-token.created',
      actor: actorOf(caller, request),
      target: auditTarget.broker(broker),
      after: { expiresAt },
    })
  })
  const token = formatEnrolmentToken({ authorityFingerprint: fingerprintOf(certificatePem), secret })
  return { token, command: `GATEHOUSE_AGENT_TOKEN=${token} npm start -- agent enrol ${enforcerUrl}`, expiresAt }
}

export function cancelToken({ db, clock }: EnforcersContext, { id, caller, request }: OfBroker): Promise<undefined> {
  return db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const broker = await find(trx, id)
    if (!(await deleteToken(trx, broker.id))) throw new Problem('not_found')
    await recordEvent(trx, clock, {
      action: 'enforcer-token.deleted',
      actor: actorOf(caller, request),
      target: auditTarget.broker(broker),
    })
    return undefined
  })
}

const restoredWithinMs = 20_000

/** The event is recorded first: what happens on another program cannot be taken back together with a transaction. */
export async function restore(context: EnforcersContext, { id, caller, request }: OfBroker): Promise<BrokerEnforcer> {
  const { db, clock, hub } = context
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const broker = await find(trx, id)
    const target = auditTarget.broker(broker)
    await recordEvent(trx, clock, { action: 'broker.restored', actor: actorOf(caller, request), target })
  })
  const ask = async () => (await hub.find(id)?.restore()) === true
  const isDone = await answerWithin(restoredWithinMs, ask, () => {})
  if (!isDone) throw new Problem('broker_away')
  return viewEnforcer(context, id)
}

/** Its certificate is refused from the commit on. Connections of this process end here, those of others within a second. */
export async function revokeEnforcer(
  { db, clock, hub }: EnforcersContext,
  { id, caller, request }: OfBroker,
): Promise<undefined> {
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const broker = await find(trx, id)
    const enforcer = await findEnforcerOf(trx, broker.id)
    if (!enforcer) throw new Problem('not_found')
    await deleteEnforcerOf(trx, broker.id)
    // A used token would let the holder of the same key in again until it expires.
    await deleteToken(trx, broker.id)
    await recordEvent(trx, clock, {
      action: 'enforcer.revoked',
      actor: actorOf(caller, request),
      target: auditTarget.broker(broker),
      before: { host: enforcer.host, fingerprint: enforcer.fingerprint },
    })
  })
  hub.disconnect(id)
  return undefined
}

async function find(db: Db | Trx, id: string): Promise<BrokerRow> {
  const broker = await findBroker(db, id)
  if (!broker) throw new Problem('not_found')
  if (broker.kind !== 'mosquitto-agent') throw new Problem('no_enforcer_kind')
  return broker
}
