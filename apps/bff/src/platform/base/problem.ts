import type { ErrorCode, FieldCode } from '@gatehouse/contract/errors'

interface ProblemDetails {
  /** A sentence for the log and for scripts; never repeats what was sent. */
  detail?: string
  fields?: Record<string, FieldCode>
  facts?: Record<string, unknown>
  retryAfterSeconds?: number
}

/** A refusal. Thrown anywhere below a route; becomes an answer in `http/problems.ts` and nowhere else. */
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
