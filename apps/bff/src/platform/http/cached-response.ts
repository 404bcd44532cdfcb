/**
 * Responses that depend only on the input and the database: the same for every caller who may call the route, until the
 * next commit. They are cached as the bytes that are sent. Access is still checked for each request.
 */
import { type AnswerInput, isFileAnswer, type Parsed, type Route } from '@gatehouse/contract/route'
import { createSnapshotCache, type SnapshotCache } from '../base/snapshot-cache.ts'
import { type Body, type Encoding, pack } from './encoding.ts'

/**
 * A handler whose response is cached. It gets neither caller nor request, so it cannot depend on them. It must not read
 * the clock or the broker.
 */
export class CachedResponse<R extends Route> {
  readonly make: (input: Parsed<R>) => Promise<AnswerInput<R>>

  constructor(make: (input: Parsed<R>) => Promise<AnswerInput<R>>) {
    this.make = make
  }
}

const maxAnswers = 100
/** A page of 200 ordinary users takes half of that. */
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
  /** The whole input of the request is read from it. A URL with a cached response was valid. */
  url: string
  read: () => Promise<Parsed<R>>
}

/**
 * Returns the response as JSON, stripped to what the contract names. It is compressed once per encoding, and cached
 * like the plain one.
 */
export function readCachedResponse<R extends Route>(cache: SnapshotCache, asked: Asked<R>): Promise<Body> {
  const { route, encoding, url } = asked
  const recallPlain = () => cache.getOrLoad(`${route.id} ${url}`, () => makeAnswer(asked))
  if (encoding === 'identity') return recallPlain()
  return cache.getOrLoad(`${encoding} ${route.id} ${url}`, async () => pack((await recallPlain()).bytes, encoding))
}

async function makeAnswer<R extends Route>({ route, kept, read }: Asked<R>): Promise<Body> {
  const { id, answer } = route
  if (answer === null || isFileAnswer(answer)) throw new Error(`${id} has no JSON answer to cache`)
  const bytes = Buffer.from(JSON.stringify(answer.parse(await kept.make(await read()))))
  return { bytes, encoding: 'identity' }
}
