/** The API client: one function that calls any route of the contract. The console, scripts and tests use it. */
import type { ErrorCode, FieldCode, Problem } from './errors.ts'
import { type Answer, type Body, isFileAnswer, type Params, pathOf, type Route, type Search } from './route.ts'

type Filled<T> = { [K in keyof T as T[K] extends undefined ? never : K]: T[K] }

/** The input of a route: `params`, `search` and `body` exactly where the route declares them. */
export type Input<R> = Filled<{ params: Params<R>; body: Body<R> }> &
  (Search<R> extends undefined ? unknown : { search?: Search<R> }) & {
    /** The version that the caller has seen. The server refuses with `changed_meanwhile` if there is a newer one. */
    ifMatch?: number
    signal?: AbortSignal
  }

/** Settings of `createClient`. */
export interface ClientOptions {
  /** `http://host:port`; default: the origin of the page. */
  baseUrl?: string
  headers?: Record<string, string>
  fetch?: typeof globalThis.fetch
}

/** A refusal by the server: `code` says why, `fields` says which fields. */
export class ApiProblem extends Error {
  readonly problem: Problem
  /** Seconds to wait, from the header `Retry-After`. */
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

/**
 * Returns `call(route, input)`. It throws `ApiProblem` for a refusal, and the error of `fetch` if there is no answer.
 */
export function createClient({ baseUrl = '', headers = {}, fetch = globalThis.fetch }: ClientOptions = {}): Call {
  return async (route, input) => {
    const { params, search, body, ifMatch, signal } = input as LooseInput
    const response = await fetch(baseUrl + addressOf(route, { params, search }), {
      method: route.method,
      headers: {
        ...headers,
        // GET does not need it. The page preloads the session, and that request must be identical to be reused.
        ...(route.method !== 'GET' && { 'X-Requested-With': 'gatehouse' }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(ifMatch !== undefined && { 'If-Match': `"${ifMatch}"` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
    if (!response.ok) throw await readProblem(response)
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

/** Returns path and query of a call, for links such as the one to a file. */
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

/** The refusal in a response that is not a success. */
export async function readProblem(response: Response): Promise<ApiProblem> {
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
