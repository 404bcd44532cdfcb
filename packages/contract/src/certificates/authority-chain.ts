/** The authorities above and below one authority. */
import * as z from 'zod/mini'
import { Fingerprint, Time } from '../base.ts'

/** One authority in the tree around another one. */
export const ChainNode = z.object({
  fingerprint: Fingerprint,
  name: z.string(),
  subject: z.string(),
  notAfter: Time,
  withdrawnAt: z.nullable(Time),
  /** 0 is the requested authority, -1 the one that signed it, 1 one that it signed. */
  level: z.number(),
})
export type ChainNode = z.output<typeof ChainNode>

export const AuthorityChain = z.object({
  /** From the top to the bottom, each below the one that signed it. */
  nodes: z.array(ChainNode),
  /** The name of the issuer of the topmost authority, if that issuer is not in the trust store. */
  unknownIssuer: z.nullable(z.string()),
  /** True if some authorities below are left out. */
  isCut: z.boolean(),
})
export type AuthorityChain = z.output<typeof AuthorityChain>
