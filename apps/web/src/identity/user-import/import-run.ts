/**
 * The import itself: batch after batch, each made as a whole or not at all. It is kept outside of the page, which may be left
 * meanwhile; what the server refuses stops it until somebody has decided.
 */

import { ApiProblem } from '@gatehouse/contract/client'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import type { UserCreate } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import { call } from '../../api/client.ts'
import { ProofDeclined } from '../../api/proof.ts'
import { NotSent } from '../../api/reachability.ts'
import { describeField } from '../../ui/field-words.ts'
import { setWork } from '../../ui/work.ts'
import { importWords } from './import-words.ts'
import type { ImportedRow, ImportedTable } from './read-users.ts'

export interface Run {
  /** `refused`: the server named lines. `failed`: it gave no answer, or refused the batch for another reason. */
  phase: 'sending' | 'refused' | 'failed' | 'stopped' | 'done'
  source: string
  header: readonly string[]
  made: number
  of: number
  /** Rows that are not created, with the reasons. */
  leftOut: readonly ImportedRow[]
  /** The rows that are being sent, or were when the import stopped. */
  batch: readonly ImportedRow[]
  /** Those of the batch that the server has named. */
  refused: readonly ImportedRow[]
  error: unknown
  /** False if the batch failed without an answer: the server may have created its users. */
  isBatchUnmade: boolean
}

/** Small, so that the transaction is short: every other write waits for it. */
const usersInBatch = 100
/** Well below the limit of the server. */
const bytesInBatch = 500_000

const useStore = create<{ run: Run | null }>(() => ({ run: null }))
const current = (): Run | null => useStore.getState().run
let waiting: ImportedRow[] = []
let isStopping = false
let whenMade = (): void => {}

export function useRun(): Run | null {
  return useStore(({ run }) => run)
}

/** `onMade`: there are other users than before. */
export function startRun(source: string, { header, rows }: ImportedTable, onMade: () => void): void {
  whenMade = onMade
  isStopping = false
  waiting = rows.filter(({ user }) => user !== null)
  const leftOut = rows.filter(({ user }) => user === null)
  const none = { batch: [], refused: [], error: null, isBatchUnmade: false }
  show({ phase: 'sending', source, header, made: 0, of: waiting.length, leftOut, ...none })
  void send()
}

/** Goes on without the lines that the server has named. */
export function leaveOutRefused(): void {
  const run = current()
  if (!run) return
  const { refused, leftOut, of } = run
  const lines = new Set(refused.map(({ line }) => line))
  waiting = waiting.filter(({ line }) => !lines.has(line))
  resume({ leftOut: [...leftOut, ...refused], of: of - refused.length })
}

export function tryAgain(): void {
  resume({})
}

/** Waits for the batch that is being sent. */
export function stopRun(): void {
  if (current()?.phase === 'sending') isStopping = true
  else stop()
}

/** It has been looked at: the page begins anew. */
export function forgetRun(): void {
  waiting = []
  useStore.setState({ run: null })
  setWork(null)
}

function resume(change: Partial<Run>): void {
  show({ ...change, phase: 'sending', refused: [], error: null, isBatchUnmade: false })
  void send()
}

async function send(): Promise<void> {
  while (current()?.phase === 'sending') {
    const batch = nextBatch(waiting)
    if (batch.length === 0) return finish({ phase: 'done' })
    if (isStopping) return stop()
    show({ batch })
    try {
      await call(userTransfer.batch, { body: { users: batch.map(({ user }) => user as UserCreate) } })
    } catch (error) {
      const refused = refusedBy(error, batch)
      show({ phase: refused.length > 0 ? 'refused' : 'failed', refused, error, isBatchUnmade: wasRefused(error) })
      return isStopping ? stop() : undefined
    }
    waiting = waiting.slice(batch.length)
    show({ made: (current()?.made ?? 0) + batch.length, batch: [] })
  }
}

/** The lines that were not sent are left out too. A batch without an answer may have been made. */
function stop(): void {
  const run = current()
  if (!run) return
  const { phase, refused, leftOut, batch, of, isBatchUnmade } = run
  const named = new Map(refused.map((row) => [row.line, row]))
  const unknown = new Set(phase === 'failed' && !isBatchUnmade ? batch.map(({ line }) => line) : [])
  const rest = waiting.map(
    (row) =>
      named.get(row.line) ?? {
        ...row,
        problems: [unknown.has(row.line) ? importWords.notAnswered : importWords.notSent],
      },
  )
  waiting = []
  finish({ phase: 'stopped', leftOut: [...leftOut, ...rest], of: of - rest.length, refused: [] })
}

function finish(change: Partial<Run>): void {
  show(change)
  whenMade()
}

function nextBatch(rows: readonly ImportedRow[]): ImportedRow[] {
  const batch: ImportedRow[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += new TextEncoder().encode(JSON.stringify(row.user)).length
    if (batch.length > 0 && (batch.length >= usersInBatch || bytes > bytesInBatch)) break
    batch.push(row)
  }
  return batch
}

/** The server answered and refused the whole batch, or nothing was sent: no connection, or the person declined the proof. */
function wasRefused(error: unknown): boolean {
  const wasNotSent = error instanceof NotSent || error instanceof ProofDeclined
  return wasNotSent || (error instanceof ApiProblem && error.problem.status < 500)
}

/** The server names lines by their place in the batch: `users.3.username`. */
function refusedBy(error: unknown, batch: readonly ImportedRow[]): ImportedRow[] {
  if (!(error instanceof ApiProblem)) return []
  const problems = new Map<number, string[]>()
  for (const [path, code] of Object.entries(error.fields)) {
    const [, at, field] = /^users\.(\d+)(?:\.([^.]+))?/.exec(path) ?? []
    if (at === undefined) continue
    const words = field ? importWords.field(field, describeField(code)) : importWords.serverRefused
    problems.set(Number(at), [...(problems.get(Number(at)) ?? []), words])
  }
  return batch.flatMap((row, at) => {
    const said = problems.get(at)
    return said ? [{ ...row, problems: said }] : []
  })
}

function show(change: Partial<Run>): void {
  const next = { ...current(), ...change } as Run
  useStore.setState({ run: next })
  const isGoingOn = next.phase === 'sending'
  setWork({ label: t`Importing ${next.source}`, done: next.made, of: next.of, isGoingOn, to: '/users/import' })
}
