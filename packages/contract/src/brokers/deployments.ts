/** Which client CA is on which listener of the Cedalo brokers. Their control API cannot list them, so this is Gatehouse's record. */
import * as z from 'zod/mini'
import { Fingerprint, Id, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'

const ListenerId = z.int().check(z.minimum(1, 'too_small'), z.maximum(1_000_000, 'too_large'))

/**
 * `deployed`: the broker has confirmed it. `pending`: wanted, and not sent yet. `unknown`: sent, and no answer came. `failed`: the
 * broker refused it, or it is not possible. `removing`: no longer wanted, and its removal is not confirmed.
 */
export const deploymentStates = ['deployed', 'pending', 'unknown', 'failed', 'removing'] as const

/** Besides these, `error` has the words of the broker. */
export const deploymentErrors = [
  'listener_missing',
  'listener_changed',
  'listener_unsuitable',
  'no_answer',
  'wrong_answer',
  'not_connected',
  'not_permitted',
  'too_large',
] as const

export const Deployment = z.object({
  broker: z.object({ id: Id, name: z.string() }),
  listener: z.object({ id: z.number(), port: z.number() }),
  authority: z.object({ fingerprint: Fingerprint, name: z.string() }),
  state: z.enum(deploymentStates),
  /** Why it is not as it is wanted: a code, or the words of the broker. */
  error: z.nullable(z.string()),
  changedAt: Time,
})
export type Deployment = z.output<typeof Deployment>

/** A listener as the broker answers it now. */
export const DeployableListener = z.object({
  id: z.number(),
  port: z.number(),
  protocol: z.string(),
  bindAddress: z.nullable(z.string()),
  tls: z.boolean(),
  requireCertificate: z.boolean(),
  /** It gets every trusted CA by itself, by the settings of the broker. */
  follows: z.boolean(),
  /** A person chose it for this CA. */
  isWanted: z.boolean(),
  /** Null: the CA is not there. */
  state: z.nullable(z.enum(deploymentStates)),
  error: z.nullable(z.string()),
})
export type DeployableListener = z.output<typeof DeployableListener>

export const DeployableBroker = z.object({
  id: Id,
  name: z.string(),
  /** Why there are no listeners to choose. Null: there are. */
  problem: z.nullable(z.enum(['unreachable', 'no_answer', 'wrong_answer', 'listeners_without_ids'])),
  listeners: z.array(DeployableListener),
})
export type DeployableBroker = z.output<typeof DeployableBroker>

export const deployments = defineRoutes('deployments', {
  list: {
    method: 'GET',
    path: '/deployments',
    access: 'permitted',
    tag: 'Deployments',
    summary: 'List which CAs are on which listeners of Cedalo brokers',
    search: z.strictObject({ 'authority[eq]': z.optional(Fingerprint), 'broker[eq]': z.optional(Id) }),
    answer: z.object({ items: z.array(Deployment) }),
  },
  choices: {
    method: 'GET',
    path: '/deployments/:fingerprint',
    access: 'permitted',
    tag: 'Deployments',
    summary: 'List the Cedalo brokers with their listeners, and where this CA is; asks the brokers',
    params: z.strictObject({ fingerprint: Fingerprint }),
    answer: z.object({ items: z.array(DeployableBroker) }),
    errors: ['not_found'],
  },
  deploy: {
    method: 'PUT',
    path: '/deployments/:fingerprint',
    access: 'permitted',
    recent: true,
    administrator: true,
    tag: 'Deployments',
    summary: 'Deploy a CA on listeners of a Cedalo broker, or remove it; repeats what failed',
    params: z.strictObject({ fingerprint: Fingerprint }),
    body: z.strictObject({
      broker: Id,
      /** All listeners of the broker that shall have this CA. */
      listeners: z.array(ListenerId).check(z.maxLength(64, 'too_long')),
    }),
    answer: z.object({ items: z.array(Deployment), complete: z.boolean() }),
    errors: ['not_found', 'listener_refused', 'authority_not_limitable', 'changed_meanwhile', 'unavailable'],
  },
  forget: {
    method: 'DELETE',
    path: '/deployments/:fingerprint/:broker/:listener',
    access: 'permitted',
    recent: true,
    administrator: true,
    tag: 'Deployments',
    summary: 'Forget that a CA is on a listener, where the broker cannot confirm its removal',
    params: z.strictObject({
      fingerprint: Fingerprint,
      broker: Id,
      listener: z.string().check(z.regex(/^[1-9]\d{0,6}$/)),
    }),
    answer: null,
    errors: ['not_found'],
  },
})
