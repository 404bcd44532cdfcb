/** The authorities around one: who signed it, and whom it signed. */
import * as z from 'zod/mini'
import { Fingerprint, Time } from '../base.ts'

/** One authority in the tree around another one. */
export const ChainNode = z.object({
  fingerprint: Fingerprint,
  name: z.string(),
  subject: z.string(),
  notAfter: Time,
  withdrawnAt: z.nullable(Time),
  /** 0 is the one that was asked about, -1 who signed it, 1 whom it signed. */
  level: z.number(),
})
export type ChainNode = z.output<typeof ChainNode>

export const AuthorityChain = z.object({
  /** From the top to the bottom, each below the one that signed it. */
  nodes: z.array(ChainNode),
  /** Whoever signed the topmost, where that one is not in the trust store. */
  unknownIssuer: z.nullable(z.string()),
  /** Some of those below are left out. */
  isCut: z.boolean(),
})
export type AuthorityChain = z.output<typeof AuthorityChain>
