/**
 * What a route is. Everything that is known about an endpoint is written here once: the server binds it (`handle`),
 * the browser calls it (`client.ts`), OpenAPI and the access tests are read from it.
 */
import type * as z from 'zod/mini'
import type { ErrorCode } from './errors.ts'

/** How far a browser has signed in; computed at each request, never stored. */
export type Stage = 'mfa-required' | 'password-change-required' | 'mfa-enrolment-required' | 'full'

export const everyStage = ['mfa-required', 'password-change-required', 'mfa-enrolment-required', 'full'] as const

/**
 * Who may call. `anyone`: no session needed. `signed-in`: stage `full`. `permitted`: stage `full`, and one of the
 * caller's `http` permissions covers the path. A list: a session in exactly one of these stages.
 */
export type Access = 'anyone' | 'signed-in' | 'permitted' | readonly Stage[]

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

type Shape = z.ZodMiniType

/** A file instead of JSON: its media type, as a marker in `answer`. */
export interface FileAnswer {
  readonly file: string
}

/** A list as a file, all of it: what a spreadsheet opens, and one JSON object on each line. */
export const exportTypes = { csv: 'text/csv', jsonl: 'application/x-ndjson' } as const
export type ExportFormat = keyof typeof exportTypes

/** What a handler answers with to send a file while it is being made. */
export interface Streamed {
  readonly mediaType: string
  readonly fileName: string
  readonly chunks: AsyncIterable<string>
}

export interface RouteDefinition {
  /** Below `/api`, parameters as `:name`. */
  readonly path: string
  readonly method: Method
  readonly access: Access
  /** One line for OpenAPI and for people. */
  readonly summary: string
  /** For OpenAPI, where one line does not say all. */
  readonly description?: string
  /** The area it belongs to in the catalogue of permissions and in OpenAPI. */
  readonly tag: string
  /**
   * Needs a proof of the password (of the code where MFA is on) that is younger than ten minutes. Every route that gives
   * rights or a way in needs one; `bff/test/step-up-matrix.test.ts` decides for each route that writes.
   */
  readonly recent?: true
  /** Needs everything that the role `gatehouse-admin` holds, besides the permission on its path. */
  readonly administrator?: true
  /** Reads although it is a POST: judged as `read`. */
  readonly query?: true
  /** A route that is not `permitted` refuses tokens unless it opens itself to them. */
  readonly tokens?: true
  /**
   * The parameter `id` names a user, and a token may not call it on its own user: how a user signs in and where is shown and
   * changed in a session of that user only.
   */
  readonly ownUserNeedsSession?: true
  /**
   * For scripts that have no token yet: cookies are ignored, so the header against cross-site calls is not asked for; a
   * browser that says where it comes from is still checked.
   */
  readonly forScripts?: true
  /** Honours `If-Match` and answers with an `ETag`, made from the answer's `version`. */
  readonly versioned?: true
  readonly params?: Shape
  readonly search?: Shape
  readonly body?: Shape
  /** `null`: 204, no content. */
  readonly answer: Shape | FileAnswer | null
  /** Also to be had as a file: where `Accept` prefers one of these, or by a parameter of its own. */
  readonly exports?: readonly ExportFormat[]
  /**
   * The answer may be compressed. Off unless a route turns it on: the length of a compressed answer gives away a secret that is
   * in it to whoever can put guesses beside it (BREACH). A test holds it away from routes that answer with secrets.
   */
  readonly compressed?: true
  /** Status of success: 200, or 201 where something was made. */
  readonly status?: 200 | 201
  /** Error codes of its own, besides those that any route may answer with. */
  readonly errors?: readonly ErrorCode[]
  /** Largest body, in bytes; 100 KiB unless told otherwise. */
  readonly maxBytes?: number
}

/** A route with its name, `feature.verb`: operationId, cache key and log name. */
export type Route<D extends RouteDefinition = RouteDefinition> = D & { readonly id: string }

type Named<T extends Record<string, RouteDefinition>> = { readonly [K in keyof T]: Route<T[K]> }

/** Names the routes of a feature: `defineRoutes('users', { list: … })` makes `users.list`. */
export function defineRoutes<const T extends Record<string, RouteDefinition>>(feature: string, routes: T): Named<T> {
  const named = Object.entries(routes).map(([verb, route]) => [verb, { ...route, id: `${feature}.${verb}` }])
  return Object.fromEntries(named) as Named<T>
}

type InputOf<S> = S extends Shape ? z.input<S> : never
type OutputOf<S> = S extends Shape ? z.output<S> : never

/** What a caller gives. */
export type Params<R> = R extends { params: infer S } ? InputOf<S> : undefined
export type Search<R> = R extends { search: infer S } ? InputOf<S> : undefined
export type Body<R> = R extends { body: infer S } ? InputOf<S> : undefined

/** What a handler gets. */
export interface Parsed<R> {
  params: R extends { params: infer S } ? OutputOf<S> : undefined
  search: R extends { search: infer S } ? OutputOf<S> : undefined
  body: R extends { body: infer S } ? OutputOf<S> : undefined
}

/** What comes back: the parsed answer, text for a file, nothing for 204. */
export type Answer<R> = R extends { answer: infer S }
  ? S extends FileAnswer
    ? string
    : S extends Shape
      ? OutputOf<S>
      : undefined
  : never

/** What a handler returns; the answer's schema strips what it does not name. */
export type AnswerInput<R> = R extends { answer: infer S }
  ? S extends FileAnswer
    ? string | Uint8Array | Streamed
    : S extends Shape
      ? InputOf<S> | (R extends { exports: readonly ExportFormat[] } ? Streamed : never)
      : undefined
  : never

export function isFileAnswer(answer: RouteDefinition['answer']): answer is FileAnswer {
  return answer !== null && 'file' in answer
}

/** `read` for GET and for routes that declare themselves a query, `write` for all else. */
export function operationOf(route: Pick<RouteDefinition, 'method' | 'query'>): 'read' | 'write' {
  return route.method === 'GET' || route.query ? 'read' : 'write'
}

/** The full path with its parameters filled in: the resource that an `http` permission is judged on. */
export function pathOf(route: Pick<RouteDefinition, 'path'>, params: Record<string, string> = {}): string {
  const filled = route.path.replace(/:([a-zA-Z]+)/g, (_whole, name: string) => {
    const value = params[name]
    if (value === undefined) throw new TypeError(`${route.path} needs the parameter ${name}`)
    return encodeURIComponent(value)
  })
  return `/api${filled}`
}
