/** The only place where an error becomes a response: RFC 9457, `application/problem+json`. */
import { type ErrorCode, errors, type FieldCode, fieldCodes } from '@gatehouse/contract/errors'
import type { ErrorRequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import type * as z from 'zod/mini'
import { isStorageFull, isUnavailable, isUnstorable } from '../base/database-errors.ts'
import { Problem } from '../base/problem.ts'

interface Telling {
  log: Logger
  /** Called with each error that is not a refusal. It may indicate a full disk or a damaged file. */
  onFault(error: unknown): void
}

export function answerProblems({ log, onFault }: Telling): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (!(error instanceof Problem)) onFault(error)
    // Part of the response has been sent, so the connection can only be closed.
    if (response.headersSent) return next(error)
    const problem = toProblem(error)
    if (problem.code === 'internal' || problem.code === 'storage_full' || isUnavailable(error))
      log.error({ err: error, requestId: response.locals.requestId }, 'request failed')
    else log.debug({ code: problem.code, method: request.method, path: request.path }, 'refused')
    sendProblem(response, problem)
  }
}

export function sendProblem(response: Response, problem: Problem): void {
  const { status, title } = errors[problem.code]
  const { retryAfterSeconds, detail, fields, facts } = problem.details
  if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds))
  response
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title,
        status,
        code: problem.code,
        ...(detail !== undefined && { detail }),
        ...(fields !== undefined && { fields }),
        ...(facts !== undefined && { facts }),
        requestId: response.locals.requestId ?? '',
      }),
    )
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (isStorageFull(error)) return new Problem('storage_full')
  if (isUnavailable(error)) return new Problem('unavailable')
  if (isUnstorable(error)) return new Problem('invalid', { detail: 'A text contains NUL' })
  return new Problem(fromExpress(error) ?? 'internal')
}

/** body-parser and the router throw errors with an HTTP status. */
function fromExpress(error: unknown): ErrorCode | null {
  if (!(error instanceof Error) || !('status' in error)) return null
  if (error.status === 413) return 'too_large'
  if (error.status === 415) return 'unsupported_media_type'
  return typeof error.status === 'number' && error.status < 500 ? 'invalid' : null
}

/** Turns schema errors into a problem whose `fields` name the places. */
export function invalid(error: z.core.$ZodError, input: unknown): Problem {
  // Without a prototype: a field may have the name of an inherited property.
  const fields = Object.create(null) as Record<string, FieldCode>
  for (const issue of error.issues) {
    for (const [path, code] of inFields(issue, input)) fields[path] ??= code
  }
  const named = Object.entries(fields).map(([path, code]) => `${path}: ${code}`)
  return new Problem('invalid', { fields, detail: named.join('; ') })
}

function inFields(issue: z.core.$ZodIssue, input: unknown): [string, FieldCode][] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [[...path, key].join('.'), 'unknown'])
  // The input is one of several shapes: report the errors of the shape that matches best.
  if (issue.code === 'invalid_union' && issue.path.length === 0) {
    const nearest = issue.errors.toSorted((a, b) => a.length - b.length)[0] ?? []
    return nearest.flatMap((inner) => inFields(inner, input))
  }
  return [[path.join('.'), codeOf(issue, input)]]
}

function codeOf(issue: z.core.$ZodIssue, input: unknown): FieldCode {
  const own = fieldCodes.find((code) => code === issue.message)
  if (own) return own
  if (valueAt(input, issue.path) === undefined) return 'required'
  const isLength = 'origin' in issue && (issue.origin === 'string' || issue.origin === 'array')
  if (issue.code === 'too_small') return isLength ? 'too_short' : 'too_small'
  if (issue.code === 'too_big') return isLength ? 'too_long' : 'too_large'
  return 'invalid'
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )
}
