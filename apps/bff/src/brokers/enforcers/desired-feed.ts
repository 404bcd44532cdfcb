/** Fills the feed of one broker from the database: everything at first, then what each change of the log concerns. */
import type { LoggedChange } from '../../platform/changes/store.ts'
import type { ClientChanges } from '../mosquitto/client-changes.ts'
import type { DesiredSource } from '../mosquitto/desired-source.ts'
import { clientEntry, clientKey, toEntries, trustEntries } from './entries-of-state.ts'
import type { StateFeed } from './state-feed.ts'

type Source = Pick<DesiredSource, 'read' | 'readUsers' | 'usersOf' | 'readTrust'>

export class DesiredFeed {
  readonly #feed: StateFeed
  readonly #source: Source

  constructor(feed: StateFeed, source: Source) {
    this.#feed = feed
    this.#source = source
  }

  /** Returns the change of the log up to which everything was read. */
  async readAll(): Promise<number> {
    const state = await this.#source.read()
    this.#feed.replace(state.sequence, toEntries(state))
    return state.sequence
  }

  async follow(change: LoggedChange): Promise<void> {
    const userIds = await this.#source.usersOf(change)
    if (userIds === null) {
      await this.readAll()
      return
    }
    const trust = concernsTrust(change) ? await this.#source.readTrust() : null
    const users = await this.#source.readUsers([...new Set([...userIds, ...(trust?.affected ?? [])])])
    this.#feed.change(change.sequence, {
      changed: [...(trust ? trustEntries(trust) : []), ...users.clients.map(clientEntry)],
      removed: [...(trust ? this.#unwantedTrust(trust) : []), ...removedKeys(users)],
    })
  }

  /** CRLs are renewed, and CAs expire, without a change of the log. */
  async readTrust(): Promise<void> {
    const trust = await this.#source.readTrust()
    const users = await this.#source.readUsers(trust.affected)
    this.#feed.change(this.#feed.sequence, {
      changed: [...trustEntries(trust), ...users.clients.map(clientEntry)],
      removed: [...this.#unwantedTrust(trust), ...removedKeys(users)],
    })
  }

  #unwantedTrust(trust: Parameters<typeof trustEntries>[0]): string[] {
    const wanted = new Set(trustEntries(trust).map(([key]) => key))
    return [...this.#feed.keys()].filter((key) => !key.startsWith('client ') && !wanted.has(key))
  }
}

/** A change of a user cannot change which CAs are trusted. */
function concernsTrust({ kind }: LoggedChange): boolean {
  return kind !== 'user' && kind !== 'role'
}

function removedKeys({ removed }: ClientChanges): string[] {
  return removed.map(clientKey)
}
