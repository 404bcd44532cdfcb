/**
 * The hand-over of a trust store to a Mosquitto that runs in Kubernetes, by the Helm charts of Cedalo
 * (`mosquitto-3.2-platform-3.2`): secrets, values and commands. Nothing applies them but a person.
 */
import * as z from 'zod/mini'
import { Fingerprint, Id, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'

/** A DNS label (RFC 1123), which is what Kubernetes takes as the name of a namespace, and needs no quotes in a shell. */
const Label = z
  .string()
  .check(z.minLength(1, 'required'), z.maxLength(63, 'too_long'), z.regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'invalid'))

/** A DNS subdomain (RFC 1123), such as the name of a secret. */
const Subdomain = z
  .string()
  .check(
    z.minLength(1, 'required'),
    z.maxLength(253, 'too_long'),
    z.regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, 'invalid'),
  )

/** Names in the cluster, and the rules of the listener that the chart configures. */
export const HandOverSettings = z.strictObject({
  platform: z.enum(['kubernetes', 'openshift']),
  /** `cluster`: several nodes, with HAProxy before them. */
  topology: z.enum(['single', 'cluster']),
  namespace: Label,
  release: Label,
  serverSecret: Subdomain,
  clientCaSecret: Subdomain,
  port: z.int().check(z.minimum(1, 'too_small'), z.maximum(65_535, 'too_large')),
  requireCertificate: z.boolean(),
  useIdentityAsUsername: z.boolean(),
  /** The lowest version of TLS. Null: the default of Mosquitto. */
  minimumTlsVersion: z.nullable(z.enum(['1.2', '1.3'])),
})
export type HandOverSettings = z.output<typeof HandOverSettings>

export const HandOverTarget = z.strictObject({ kind: z.enum(['broker', 'listener']), id: Id })
export type HandOverTarget = z.output<typeof HandOverTarget>

/** How old what was handed over is. */
export const HandOverState = z.object({
  /** When it was applied, who said so, and the last change of the log then. */
  appliedAt: Time,
  appliedBy: z.nullable(z.string()),
  sequence: z.number(),
  /** How many changes the client CA secret lacks: authorities to add, and to remove. */
  added: z.number(),
  removed: z.number(),
  /** The server certificate is another one now. */
  serverCertificateChanged: z.boolean(),
})

export const HandOver = z.object({
  target: HandOverTarget,
  /** Of the broker or the listener. */
  name: z.string(),
  settings: HandOverSettings,
  state: HandOverState,
})
export type HandOver = z.output<typeof HandOver>

export const handOverTexts = [
  'serverSecret',
  'clientCaSecret',
  'clientCaManifest',
  'values',
  'install',
  'rotateServer',
  'rotateClientCa',
  'verify',
  'mosquittoConf',
] as const

export const HandOverText = z.object({
  kind: z.enum(handOverTexts),
  /** What it is saved as. */
  fileName: z.string(),
  text: z.string(),
})

/**
 * Why an authority of the trust store is not in the secret. Mosquitto cannot limit an authority to usernames. `limited`: it has a
 * username limit, or the key of an authority that has one. `above_limited`: it signed an authority that is left out, and Mosquitto
 * would accept the certificates of that one through it.
 */
export const leftOutReasons = ['limited', 'above_limited', 'expired'] as const

/**
 * `no_authorities`: no client could connect. `root_missing`: Mosquitto accepts an intermediate only together with its root.
 * `secret_too_large`: more than the mebibyte that Kubernetes stores; there are no texts then. `certificate_optional`:
 * Mosquitto does not ask for a certificate at all then.
 */
export const handOverWarnings = ['no_authorities', 'root_missing', 'secret_too_large', 'certificate_optional'] as const

export const GeneratedHandOver = z.object({
  target: HandOverTarget,
  name: z.string(),
  settings: HandOverSettings,
  texts: z.array(HandOverText),
  warnings: z.array(z.enum(handOverWarnings)),
  authorities: z.array(z.object({ fingerprint: Fingerprint, name: z.string(), fileName: z.string() })),
  leftOut: z.array(z.object({ fingerprint: Fingerprint, name: z.string(), reason: z.enum(leftOutReasons) })),
  /** Identifies the client CAs and the server certificate. Recording refuses another one. */
  contentHash: Fingerprint,
  /** Null: never applied. */
  state: z.nullable(HandOverState),
})
export type GeneratedHandOver = z.output<typeof GeneratedHandOver>

export const kubernetes = defineRoutes('kubernetes', {
  list: {
    method: 'GET',
    path: '/kubernetes/hand-overs',
    access: 'permitted',
    tag: 'Kubernetes',
    summary: 'List what was handed over to Kubernetes, and how old it is',
    answer: z.object({ items: z.array(HandOver) }),
  },
  generate: {
    method: 'POST',
    path: '/kubernetes/hand-overs/generate',
    access: 'permitted',
    query: true,
    tag: 'Kubernetes',
    summary: 'Generate secrets, Helm values and commands for a broker or a listener; changes nothing',
    body: z.strictObject({
      target: HandOverTarget,
      /** Omitted: those of the last time, otherwise the defaults of the chart. */
      settings: z.optional(HandOverSettings),
    }),
    answer: GeneratedHandOver,
    errors: ['not_found'],
  },
  record: {
    method: 'POST',
    path: '/kubernetes/hand-overs',
    access: 'permitted',
    tag: 'Kubernetes',
    summary: 'Record that the generated secrets were applied',
    body: z.strictObject({ target: HandOverTarget, settings: HandOverSettings, contentHash: Fingerprint }),
    answer: HandOver,
    status: 201,
    errors: ['not_found', 'changed_meanwhile'],
  },
  remove: {
    method: 'DELETE',
    path: '/kubernetes/hand-overs/:kind/:id',
    access: 'permitted',
    tag: 'Kubernetes',
    summary: 'Forget what was handed over; changes nothing in the cluster',
    params: HandOverTarget,
    answer: null,
    errors: ['not_found'],
  },
})
