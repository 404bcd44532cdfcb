/** What an identity provider gives to persons, and what a change of it would do, before it is made. */
import * as z from 'zod/mini'
import { foreseen, Id } from '../base.ts'

/** A role, and the sources because of which a person gets it. */
export const MappedRole = z.object({ roleId: Id, sources: z.array(z.string()) })
export type MappedRole = z.output<typeof MappedRole>

/** What one person gets, and why. */
export const PersonPreview = z.object({
  username: z.string(),
  displayName: z.nullable(z.string()),
  isDisabled: z.boolean(),
  /** Null: the provider could not name them all, or the person was never seen. */
  groups: z.nullable(z.array(z.string())),
  roles: z.array(MappedRole),
  /** The user here. Null: none yet. */
  userId: z.nullable(Id),
})
export type PersonPreview = z.output<typeof PersonPreview>

/** The most users that a preview names. */
export const maxPreviewed = 100

/** What the mappings would change, by the groups that the provider named last. */
export const MappingPreview = z.object({
  /** Users of this provider. */
  users: z.number(),
  gaining: z.number(),
  losing: z.number(),
  first: z.array(z.object({ userId: Id, username: z.string(), gains: z.array(Id), loses: z.array(Id) })),
})
export type MappingPreview = z.output<typeof MappingPreview>

/** What a change of the access of its users would end. */
export const ProviderImpact = z.object({
  ...foreseen,
  /** Users who come from the provider. */
  users: z.number(),
  sessions: z.number(),
  tokens: z.number(),
})
export type ProviderImpact = z.output<typeof ProviderImpact>
