/** The broker's decisions that are kept for days. Equal ones within an hour are one entry with a count. */
import * as z from 'zod/mini'
import { GivenTime, Id, Time } from '../base.ts'
import { listSearch, page, SearchText } from '../paging.ts'
import { defineRoutes, type ExportFormat } from '../route.ts'
import { Decision, refusalReasons } from './broker.ts'

/** Texts that a client chooses are stored up to this number of characters. */
export const maxKeptText = 512

export const KeptDecision = z.extend(z.omit(Decision, { id: true, at: true, holder: true }), {
  id: Id,
  firstAt: Time,
  lastAt: Time,
  /** How many equal decisions there were between these times. */
  count: z.number(),
})
export type KeptDecision = z.output<typeof KeptDecision>

const formats = ['csv', 'jsonl'] as const satisfies readonly ExportFormat[]

export const decisions = defineRoutes('decisions', {
  list: {
    method: 'GET',
    path: '/broker/decisions/history',
    access: 'permitted',
    tag: 'Broker',
    summary: 'List the decisions of the last days; the newest first, or all matching ones as a file',
    description:
      'Equal decisions within an hour are one entry with `count`, `firstAt` and `lastAt`. An entry that counts another ' +
      'decision moves to the front. The broker reports every five seconds; `GET /broker/decisions` shows decisions at once.',
    search: listSearch(['at'], {
      'username[eq]': z.optional(SearchText),
      'outcome[eq]': z.optional(Decision.shape.outcome),
      'reason[eq]': z.optional(z.enum(refusalReasons)),
      'listener[eq]': z.optional(SearchText),
      'address[eq]': z.optional(SearchText),
      'at[gte]': z.optional(GivenTime),
      'at[lt]': z.optional(GivenTime),
      /** The same as `Accept`, for links. A file contains all matching entries, so `limit` and `cursor` are ignored. */
      format: z.optional(z.enum(formats)),
    }),
    exports: formats,
    compressed: true,
    answer: z.extend(page(KeptDecision), {
      /** Decisions in the hours of `at[gte]` to `at[lt]` that were not kept, because too many came at once. */
      leftOut: z.number(),
      /** The oldest time that is still kept; null if there is none. */
      keptSince: z.nullable(Time),
    }),
  },
})
