/**
 * Answers that depend on the question and the database alone: the same for everybody who may ask, until somebody writes.
 * They are kept as the bytes that go out. Whether the caller may ask is asked each time.
 */
import { type AnswerInput, isFileAnswer, type Parsed, type Route } from '@gatehouse/contract/route'
import { createSnapshotCache, type SnapshotCache } from '../base/snapshot-cache.ts'
import { type Body, type Encoding, pack } from './encoding.ts'

/** It is given neither caller nor request, so it cannot depend on them; it may not look at the clock or the broker. */
export class CachedResponse<R extends Route> {
  readonly make: (input: Parsed<R>) => Promise<AnswerInput<R>>

  constructor(make: (input: Parsed<R>) => Promise<AnswerInput<R>>) {
    this.make = make
  }
}

const maxAnswers = 100
/** A page of 200 ordinary users has half of that. */
const maxBytes = 256 * 1_024

export function createResponseCache(snapshot: () => Promise<string>): SnapshotCache {
  return createSnapshotCache({ snapshot, max: maxAnswers, isWorthKeeping })
}

function isWorthKeeping(answer: unknown): boolean {
  return (answer as Body).bytes.length <= maxBytes
}

interface Asked<R extends Route> {
  route: R
  kept: CachedResponse<R>
  encoding: Encoding
  /** All that the input is read from; one that was answered was a good one. */
  url: string
  read: () => Promise<Parsed<R>>
}

/** Stripped to what the contract names, as JSON. It is compressed once and then kept like the plain one. */
export function readCachedResponse<R extends Route>(cache: SnapshotCache, asked: Asked<R>): Promise<Body> {
  const { route, encoding, url } = asked
  const recallPlain = () => cache.getOrLoad(`${route.id} ${url}`, () => makeAnswer(asked))
  if (encoding === 'identity') return recallPlain()
  return cache.getOrLoad(`${encoding} ${route.id} ${url}`, async () => pack((await recallPlain()).bytes, encoding))
}

async function makeAnswer<R extends Route>({ route, kept, read }: Asked<R>): Promise<Body> {
  const { id, answer } = route
  if (answer === null || isFileAnswer(answer)) throw new Error(`${id} has no JSON that could be kept`)
  const bytes = Buffer.from(JSON.stringify(answer.parse(await kept.make(await read()))))
  return { bytes, encoding: 'identity' }
}
