/** The client: one function that calls any route of the contract. Used by the console, by scripts and by the tests. */
import type { ErrorCode, FieldCode, Problem } from './errors.ts'
import { type Answer, type Body, isFileAnswer, type Params, pathOf, type Route, type Search } from './route.ts'

type Filled<T> = { [K in keyof T as T[K] extends undefined ? never : K]: T[K] }

/** What a route needs: `params`, `search` and `body` exactly where it declares them. */
export type Input<R> = Filled<{ params: Params<R>; body: Body<R> }> &
  (Search<R> extends undefined ? unknown : { search?: Search<R> }) & {
    /** The version that the caller has seen: refused with `changed_meanwhile` if there is a newer one. */
    ifMatch?: number
    signal?: AbortSignal
  }

export interface ClientOptions {
  /** `http://host:port`, or nothing for the page's own origin. */
  baseUrl?: string
  headers?: Record<string, string>
  fetch?: typeof globalThis.fetch
}

/** The server refused: `code` says what, `fields` where. */
export class ApiProblem extends Error {
  readonly problem: Problem
  /** Seconds to wait, where the answer said so. */
  readonly retryAfterSeconds: number | null

  constructor(problem: Problem, retryAfterSeconds: number | null) {
    super(problem.title)
    this.name = 'ApiProblem'
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
  }

  get code(): ErrorCode {
    return this.problem.code
  }

  get fields(): Record<string, FieldCode> {
    return this.problem.fields ?? {}
  }
}

export type Call = <R extends Route>(route: R, input: Input<R>) => Promise<Answer<R>>

/** Makes `call(route, input)`. Throws `ApiProblem` for a refusal, and what `fetch` throws when there is no answer. */
export function createClient({ baseUrl = '', headers = {}, fetch = globalThis.fetch }: ClientOptions = {}): Call {
  return async (route, input) => {
    const { params, search, body, ifMatch, signal } = input as LooseInput
    const response = await fetch(baseUrl + addressOf(route, { params, search }), {
      method: route.method,
      headers: {
        ...headers,
        // Not on GET, which does not need it: the page asks for the session beforehand, and that request has to be the same.
        ...(route.method !== 'GET' && { 'X-Requested-With': 'gatehouse' }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(ifMatch !== undefined && { 'If-Match': `"${ifMatch}"` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
    if (!response.ok) throw await toProblem(response)
    return (await readAnswer(route, response)) as Answer<typeof route>
  }
}

interface LooseInput {
  params?: Record<string, string> | undefined
  search?: Record<string, unknown> | undefined
  body?: unknown
  ifMatch?: number
  signal?: AbortSignal
}

/** Path and query of a call: for links, such as one to a file. */
export function addressOf(route: Route, { params, search = {} }: Pick<LooseInput, 'params' | 'search'>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
  if (given.length === 0) return pathOf(route, params)
  const query = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))
  return `${pathOf(route, params)}?${query}`
}

async function readAnswer(route: Route, response: Response): Promise<unknown> {
  if (route.answer === null) return undefined
  return isFileAnswer(route.answer) ? response.text() : response.json()
}

async function toProblem(response: Response): Promise<ApiProblem> {
  const retryAfter = Number(response.headers.get('Retry-After'))
  const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json')
  const problem = isProblem
    ? ((await response.json()) as Problem)
    : {
        type: 'about:blank',
        title: response.statusText,
        status: response.status,
        code: 'unavailable' as const,
        requestId: '',
      }
  return new ApiProblem(problem, retryAfter > 0 ? retryAfter : null)
}
