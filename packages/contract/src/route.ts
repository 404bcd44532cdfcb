/**
 * The definition of a route. Everything about an endpoint is written here once: the server binds it (`handle`), the
 * browser calls it (`client.ts`), and OpenAPI and the access tests are generated from it.
 */
import type * as z from 'zod/mini'
import type { ErrorCode } from './errors.ts'

/** How far a browser has signed in. Computed for each request and never stored. */
export type Stage = 'mfa-required' | 'password-change-required' | 'mfa-enrolment-required' | 'full'

export const everyStage = ['mfa-required', 'password-change-required', 'mfa-enrolment-required', 'full'] as const

/**
 * Who may call a route. `anyone`: no session needed. `signed-in`: stage `full`. `permitted`: stage `full`, and one of
 * the caller's `http` permissions covers the path. A list: a session in exactly one of these stages.
 */
export type Access = 'anyone' | 'signed-in' | 'permitted' | readonly Stage[]

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

type Shape = z.ZodMiniType

/** The media type of an answer that is a file and not JSON. */
export interface FileAnswer {
  readonly file: string
}

/** A complete list as a file: CSV, or one JSON object per line. */
export const exportTypes = { csv: 'text/csv', jsonl: 'application/x-ndjson' } as const
export type ExportFormat = keyof typeof exportTypes

/** A file that the handler sends while it is being generated. */
export interface Streamed {
  readonly mediaType: string
  readonly fileName: string
  readonly chunks: AsyncIterable<string>
}

/** One route, without its id. */
export interface RouteDefinition {
  /** Below `/api`, with parameters as `:name`. */
  readonly path: string
  readonly method: Method
  readonly access: Access
  /** One line for OpenAPI. The catalogue of permissions uses the part before a semicolon. */
  readonly summary: string
  /** More for OpenAPI, where one line is not enough. */
  readonly description?: string
  /** The area in the catalogue of permissions and in OpenAPI. */
  readonly tag: string
  /**
   * Requires a proof of the password (of the code if the second factor is on) that is younger than ten minutes. Every
   * route that gives rights or access needs it; `bff/test/step-up-matrix.test.ts` decides for each route that writes.
   */
  readonly recent?: true
  /** Requires all permissions of the role `gatehouse-admin`, besides the permission on its path. */
  readonly administrator?: true
  /** A POST that changes nothing and is judged as `read`. */
  readonly query?: true
  /** Accepts tokens although the route is not `permitted`. */
  readonly tokens?: true
  /**
   * The parameter `id` names a user, and a token may not call the route for its own user: the sign-in methods and
   * sessions of a user are shown and changed only in a session of that user.
   */
  readonly ownUserNeedsSession?: true
  /**
   * For scripts that have no token yet: cookies are ignored, so the header against cross-site calls is not required. A
   * browser that sends its origin is still checked.
   */
  readonly forScripts?: true
  /** Honours `If-Match` and sends an `ETag` with the `version` of the answer. */
  readonly versioned?: true
  readonly params?: Shape
  readonly search?: Shape
  readonly body?: Shape
  /** `null`: 204, no content. */
  readonly answer: Shape | FileAnswer | null
  /**
   * The answer is a stream of server-sent events (HTML Standard §9.2), and `answer` is the data of each. It ends with
   * the session and with the permission of the caller.
   */
  readonly events?: true
  /** Also available as a file, if `Accept` prefers one of these types or by a parameter of the route. */
  readonly exports?: readonly ExportFormat[]
  /**
   * The answer may be compressed. Off by default: the length of a compressed answer reveals a secret in it to an
   * attacker who can place guesses beside it (BREACH). A test forbids it for answers with secrets.
   */
  readonly compressed?: true
  /** The status of success: 200, or 201 if something was created. */
  readonly status?: 200 | 201
  /** The route's own error codes, besides those that any route may answer with. */
  readonly errors?: readonly ErrorCode[]
  /** The largest body in bytes; default 100 KiB. */
  readonly maxBytes?: number
}

/** A route with its id `feature.verb`, which is the operationId, the cache key and the name in logs. */
export type Route<D extends RouteDefinition = RouteDefinition> = D & { readonly id: string }

type Named<T extends Record<string, RouteDefinition>> = { readonly [K in keyof T]: Route<T[K]> }

/** Adds the ids to the routes of a feature: `defineRoutes('users', { list: … })` makes `users.list`. */
export function defineRoutes<const T extends Record<string, RouteDefinition>>(feature: string, routes: T): Named<T> {
  const named = Object.entries(routes).map(([verb, route]) => [verb, { ...route, id: `${feature}.${verb}` }])
  return Object.fromEntries(named) as Named<T>
}

type InputOf<S> = S extends Shape ? z.input<S> : never
type OutputOf<S> = S extends Shape ? z.output<S> : never

/** The input of a caller. */
export type Params<R> = R extends { params: infer S } ? InputOf<S> : undefined
export type Search<R> = R extends { search: infer S } ? InputOf<S> : undefined
export type Body<R> = R extends { body: infer S } ? InputOf<S> : undefined

/** The input of a handler, parsed. */
export interface Parsed<R> {
  params: R extends { params: infer S } ? OutputOf<S> : undefined
  search: R extends { search: infer S } ? OutputOf<S> : undefined
  body: R extends { body: infer S } ? OutputOf<S> : undefined
}

/** The result of a call: the parsed answer, text for a file, undefined for 204. */
export type Answer<R> = R extends { answer: infer S }
  ? S extends FileAnswer
    ? string
    : S extends Shape
      ? OutputOf<S>
      : undefined
  : never

/** The result of a handler. The answer's schema removes fields that it does not name. */
export type AnswerInput<R> = R extends { events: true; answer: infer S }
  ? AsyncIterable<InputOf<S>>
  : R extends { answer: infer S }
    ? S extends FileAnswer
      ? string | Uint8Array | Streamed
      : S extends Shape
        ? InputOf<S> | (R extends { exports: readonly ExportFormat[] } ? Streamed : never)
        : undefined
    : never

/** Returns true if the route answers with a file. */
export function isFileAnswer(answer: RouteDefinition['answer']): answer is FileAnswer {
  return answer !== null && 'file' in answer
}

/** Returns `read` for GET and for routes with `query`, `write` for all others. */
export function operationOf(route: Pick<RouteDefinition, 'method' | 'query'>): 'read' | 'write' {
  return route.method === 'GET' || route.query ? 'read' : 'write'
}

/**
 * Returns the full path with its parameters filled in, which is the resource of an `http` permission. Throws
 * `TypeError` if a parameter is missing.
 */
export function pathOf(route: Pick<RouteDefinition, 'path'>, params: Record<string, string> = {}): string {
  const filled = route.path.replace(/:([a-zA-Z]+)/g, (_whole, name: string) => {
    const value = params[name]
    if (value === undefined) throw new TypeError(`${route.path} needs the parameter ${name}`)
    return encodeURIComponent(value)
  })
  return `/api${filled}`
}
