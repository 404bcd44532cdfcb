/** The commands for changes of several users, in an order in which no user has more rights than before or after. Pure. */
import type { DynsecClient } from './desired-state.ts'
import type { DynsecCommand, FoundState } from './dynsec.ts'
import { noteBase, planBase } from './dynsec-base.ts'
import { forget, foundAfter, planClient, planRemoval } from './dynsec-plan.ts'

/** Users to bring to their desired state, and usernames that have no rights any more. */
export interface ClientChanges {
  clients: readonly DynsecClient[]
  removed: readonly string[]
}

/** The account of the console on the broker stays as it is, also where a user has its name. */
export function withoutUser({ clients, removed }: ClientChanges, name: string): ClientChanges {
  return {
    clients: clients.filter(({ username }) => username !== name),
    removed: removed.filter((username) => username !== name),
  }
}

/**
 * A changed role is in effect at once: Mosquitto checks each message that is published or delivered. Ending the connections tells the
 * clients that a subscription is without effect, and costs as much again. Where more users are concerned, the rights of all of them
 * are taken first, and their connections end afterwards.
 */
const mostKicksAtOnce = 100

export interface PlannedChanges {
  /** Comes first. */
  taking: DynsecCommand[]
  giving: DynsecCommand[]
  /** Users who lose rights and whose connections these commands do not end. */
  toEnd: string[]
}

export function planChanges(found: FoundState, { clients, removed }: ClientChanges): PlannedChanges {
  const plans = clients.map((client) => ({ ...planClient(found, client), username: client.username }))
  const taking = plans.filter(({ takesRights }) => takesRights)
  const areFew = taking.length <= mostKicksAtOnce
  return {
    taking: [
      ...planBase(found),
      ...removed.flatMap((username) => planRemoval(found, username)),
      ...taking.flatMap(({ commands, kick }) => [...commands, ...(kick && areFew ? [kick] : [])]),
    ],
    giving: plans.filter(({ takesRights }) => !takesRights).flatMap(({ commands }) => commands),
    toEnd: areFew ? [] : taking.filter(({ kick }) => kick !== null).map(({ username }) => username),
  }
}

/** What dynsec has once all of them have succeeded. */
export function noteChanges(found: FoundState, { clients, removed }: ClientChanges): void {
  noteBase(found)
  for (const username of removed) forget(found, username)
  for (const client of clients) foundAfter(found, client)
}
