/** A Mosquitto as the API answers it. */
import type { MosquittoDrift, MosquittoState } from '@gatehouse/contract/brokers/mosquitto'
import type { Drift } from './drift.ts'
import type { LocalMosquitto } from './local-adapter.ts'

const mostNames = 100
/** A client of another console may have a name of 64 KiB. */
const longestName = 200

export async function presentMosquitto({ enforcer, source, opened }: LocalMosquitto): Promise<MosquittoState> {
  const { dynsecFile } = await opened
  return {
    progress: enforcer?.progress ?? null,
    toEnd: enforcer?.toEnd ?? 0,
    withoutPassword: someOf(enforcer?.withoutPassword ?? []),
    remarks: source.remarks.list(),
    foreignFiles: (enforcer?.foreignFiles ?? []).slice(0, mostNames),
    drift: enforcer?.drift ? presentDrift(enforcer.drift) : null,
    hasFirstLoad: dynsecFile !== null,
  }
}

function presentDrift({ changed, clients, roles, groups, defaults }: Drift): MosquittoDrift {
  return {
    changed: someOf(changed),
    clients: someOf(clients),
    roles: someOf(roles),
    groups: someOf(groups),
    defaults: someOf(defaults),
  }
}

function someOf(names: readonly string[]) {
  return { count: names.length, names: names.slice(0, mostNames).map((name) => name.slice(0, longestName)) }
}
