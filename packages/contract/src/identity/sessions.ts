/** Sessions: the own ones, and those of a user for an administrator. */
import * as z from 'zod/mini'
import { ById, Id, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'

export const OpenSession = z.object({
  id: Id,
  createdAt: Time,
  lastSeenAt: Time,
  expiresAt: Time,
  address: z.string(),
  userAgent: z.nullable(z.string()),
  /** True for the session of this request. */
  current: z.boolean(),
})
export type OpenSession = z.output<typeof OpenSession>

const SessionList = z.object({ items: z.array(OpenSession) })
const Ended = z.object({ ended: z.number() })

export const sessions = defineRoutes('sessions', {
  list: {
    method: 'GET',
    path: '/sessions',
    access: 'signed-in',
    tag: 'Own account',
    summary: 'The own open sessions, the last used first',
    answer: SessionList,
  },
  end: {
    method: 'DELETE',
    path: '/sessions/:id',
    access: 'signed-in',
    tag: 'Own account',
    summary: 'End one of the own sessions',
    params: ById,
    answer: null,
    errors: ['not_found'],
  },
  endOthers: {
    method: 'DELETE',
    path: '/sessions',
    access: 'signed-in',
    tag: 'Own account',
    summary: 'End all other own sessions',
    answer: Ended,
  },
  listOf: {
    method: 'GET',
    path: '/users/:id/sessions',
    access: 'permitted',
    tag: 'Users',
    summary: "A user's open sessions",
    params: ById,
    ownUserNeedsSession: true,
    answer: SessionList,
    errors: ['not_found'],
  },
  endOf: {
    method: 'DELETE',
    path: '/users/:id/sessions/:sessionId',
    access: 'permitted',
    tag: 'Users',
    summary: "End one of a user's sessions",
    params: z.strictObject({ id: Id, sessionId: Id }),
    ownUserNeedsSession: true,
    answer: null,
    errors: ['not_found', 'above_caller'],
  },
  endAllOf: {
    method: 'DELETE',
    path: '/users/:id/sessions',
    access: 'permitted',
    tag: 'Users',
    summary: "End all of a user's sessions",
    params: ById,
    ownUserNeedsSession: true,
    answer: Ended,
    errors: ['not_found', 'above_caller'],
  },
})
