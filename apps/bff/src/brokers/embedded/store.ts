/** What the broker's thread reads, on its own read-only connection. A fact may be old when it is used: see `connect.ts`. */
import { type AnchorStore, prepareAnchors } from '../../certificates/trust/anchor-store.ts'
import { prepareRevocations, type RevocationStore } from '../../certificates/trust/revocation-store.ts'
import { prepareUserFacts, type UserFactsStore } from '../../certificates/trust/user-facts-store.ts'
import { type ChangeReader, prepareChanges } from '../../platform/changes/store.ts'
import type { DatabasePlace } from '../../platform/db/open.ts'
import { openPreparedReader } from '../../platform/db/prepared-reader.ts'
import { type NameReader, prepareNames } from '../admission/prepared-store.ts'
import { type ListenerReader, prepareListeners } from '../listeners/prepared-store.ts'
import { prepareUpstreams, type UpstreamReader } from '../upstreams/prepared-store.ts'

export interface BrokerStore
  extends UserFactsStore,
    AnchorStore,
    RevocationStore,
    ChangeReader,
    ListenerReader,
    NameReader,
    UpstreamReader {
  /** Changes with each commit of any other connection, also of another process. */
  dataVersion(): Promise<number>
  close(): Promise<void>
}

export function openStore(place: DatabasePlace): BrokerStore {
  const reader = openPreparedReader(place)
  return {
    ...prepareUserFacts(reader),
    ...prepareAnchors(reader),
    ...prepareRevocations(reader),
    ...prepareChanges(reader),
    ...prepareListeners(reader),
    ...prepareNames(reader),
    ...prepareUpstreams(reader),
    dataVersion: () => reader.dataVersion(),
    close: () => reader.close(),
  }
}
