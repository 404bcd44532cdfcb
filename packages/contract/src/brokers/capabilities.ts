/** What a broker can enforce. The console says in words what it cannot. */
import * as z from 'zod/mini'

export const Capabilities = z.object({
  /** `inline`: each decision is made by Gatehouse in the broker. `push`: Gatehouse writes rights and trust into the broker. `pull`: the broker asks. */
  mode: z.enum(['inline', 'push', 'pull']),
  /** What the decision sees of a client certificate: the whole chain, the certificate, or the name in it. */
  evidence: z.enum(['chain', 'leaf', 'name']),
  /** Whether Gatehouse decides on each sign-in with a certificate. If not, the broker admits each certificate of a trusted CA. */
  decidesCertificates: z.boolean(),
  /** Certificates and passwords on one port. */
  bothOnOnePort: z.boolean(),
  /** A user can be required to prove a certificate and a password. */
  certificateAndPassword: z.boolean(),
  /** Which single certificates can be revoked: of any CA, or only those of CAs that Gatehouse can sign a CRL for. */
  revokeOne: z.enum(['any', 'ownAuthorities', 'no']),
  /** The limit of a CA to usernames is enforced. */
  authorityLimits: z.boolean(),
  /** Until a CA that was added or removed has its effect on new connections, in milliseconds. */
  trustAddMs: z.number(),
  trustRemoveMs: z.number(),
  /** Whose connections the broker can end. */
  end: z.array(z.enum(['user', 'client', 'authority'])),
  /** Until a withdrawn right has ended its connections, in milliseconds. */
  endsWithinMs: z.number(),
  /** Every refusal is recorded with its reason. */
  refusalReasons: z.boolean(),
  /** One of several subscriptions of a packet can be refused alone. */
  partialSubAck: z.boolean(),
  /** Messages are judged again when they are delivered. */
  deliveryCheck: z.boolean(),
  /** Stored sessions of a user can be deleted. */
  dropSession: z.boolean(),
  mqtt5: z.boolean(),
  /** How long the broker keeps a decision after it has changed, in milliseconds. */
  cacheMs: z.number(),
  /** Characters that usernames and client ids must not contain there. */
  badNames: z.string(),
})
export type Capabilities = z.output<typeof Capabilities>
