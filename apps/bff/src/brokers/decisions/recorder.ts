/**
 * Writes the decisions that the broker's thread reports. Small transactions with pauses between them let other writes
 * in; a report that arrives while an earlier one is being written is only counted.
 */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { KeptDecision } from '@gatehouse/contract/brokers/decisions'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { withRelaxedDurability } from '../../platform/db/relaxed-durability.ts'
import type { Schema } from '../../platform/db/schema.ts'
import { addDecisions, addLeftOut, deleteOldest, hourOf, type Kept } from './history-store.ts'
import { type CountedDecision, type DecisionReport, equalityKey } from './report.ts'

const sliceSize = 50
const pauseMs = 20
const mebibyte = 1024 * 1024

/** The columns of fixed size and the entries in the indexes. */
const fixedBytes = 600

type Outcome = KeptDecision['outcome']
type KeptLimits = Record<Outcome, Kept>

/** What is kept at most, for each outcome: admissions of a large plant must not push out the refusals. */
const mostKept: KeptLimits = {
  admitted: { rows: 50_000, bytes: 32 * mebibyte },
  refused: { rows: 100_000, bytes: 64 * mebibyte },
  closed: { rows: 50_000, bytes: 32 * mebibyte },
}

export function makeDecisionRecorder({ db, clock }: { db: Db; clock: Clock }, limits = mostKept) {
  let isWriting = false
  let leftOut = 0
  return async (report: DecisionReport): Promise<void> => {
    leftOut += report.leftOut
    if (isWriting) {
      leftOut += countOf(report.decisions)
      return
    }
    isWriting = true
    let remaining = slicesOf(report.decisions)
    try {
      for (const slice of remaining) {
        await withRelaxedDurability(db, (trx) => writeSlice(trx, { ...slice, clock, limits }))
        remaining = remaining.slice(1)
        await pause(pauseMs)
      }
      const count = leftOut
      if (count > 0) await withRelaxedDurability(db, (trx) => addLeftOut(trx, hourOf(timestamp(clock)), count))
      leftOut -= count
    } finally {
      for (const { decisions } of remaining) leftOut += countOf(decisions)
      isWriting = false
    }
  }
}

interface Slice {
  outcome: Outcome
  decisions: CountedDecision[]
}

function slicesOf(decisions: readonly CountedDecision[]): Slice[] {
  const byOutcome = [...Map.groupBy(decisions, ({ outcome }) => outcome)]
  return byOutcome.flatMap(([outcome, all]) => {
    const starts = Array.from({ length: Math.ceil(all.length / sliceSize) }, (_, n) => n * sliceSize)
    return starts.map((start) => ({ outcome, decisions: all.slice(start, start + sliceSize) }))
  })
}

async function writeSlice(
  trx: Trx,
  { outcome, decisions, clock, limits }: Slice & { clock: Clock; limits: KeptLimits },
): Promise<void> {
  const rows = decisions.map((decision) => toRow(decision, newId(clock.now())))
  let kept = await addDecisions(trx, outcome, rows)
  for (let most = tooMany(kept, limits[outcome]); most > 0; most = tooMany(kept, limits[outcome])) {
    kept = await deleteOldest(trx, outcome, { most })
  }
}

/** How many entries must go, assuming that they are of average size. */
function tooMany(kept: Kept, limit: Kept): number {
  const averageBytes = kept.bytes / kept.rows
  return Math.max(kept.rows - limit.rows, Math.ceil((kept.bytes - limit.bytes) / averageBytes), 0)
}

function countOf(decisions: readonly CountedDecision[]): number {
  return decisions.reduce((sum, { count }) => sum + count, 0)
}

function toRow(decision: CountedDecision, id: string): Schema['decisions'] {
  const texts = {
    address: decision.address,
    username: decision.username,
    client_id: decision.clientId,
    topic: decision.topic,
    certificate: decision.certificate && JSON.stringify(decision.certificate),
  }
  return {
    ...texts,
    id,
    equality_key: createHash('sha256').update(equalityKey(decision)).digest('base64url'),
    first_at: decision.firstAt,
    last_at: decision.lastAt,
    count: decision.count,
    outcome: decision.outcome,
    reason: decision.reason,
    listener: decision.listener,
    method: decision.method,
    admission_rule: decision.admissionRule,
    unknown_username_length: decision.unknownUsernameLength,
    user_id: decision.userId,
    bytes: fixedBytes + Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0),
  }
}
