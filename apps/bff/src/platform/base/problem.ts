import type { ErrorCode, FieldCode } from '@gatehouse/contract/errors'

interface ProblemDetails {
  /** A sentence for the log and for scripts. It never repeats input. */
  detail?: string
  fields?: Record<string, FieldCode>
  facts?: Record<string, unknown>
  retryAfterSeconds?: number
}

/** A refusal. Any code below a route may throw it; only `http/problems.ts` turns it into a response. */
export class Problem extends Error {
  readonly code: ErrorCode
  readonly details: ProblemDetails

  constructor(code: ErrorCode, details: ProblemDetails = {}) {
    super(code)
    this.name = 'Problem'
    this.code = code
    this.details = details
  }
}
