/** Which CA has to be inserted on which listener and which has to be deleted. Pure. */
import { toPem } from '@gatehouse/pki/read/certificate'
import type { TrustedAuthority } from '../../certificates/authorities/store.ts'
import type { CedaloListener, CertificateCommand } from './control.ts'
import type { StoredDeployment } from './store.ts'

export interface PlanFacts {
  brokerId: string
  /** Of the broker now. */
  listeners: readonly CedaloListener[]
  /** Ids of listeners that get every trusted CA. */
  following: readonly number[]
  /** The CAs that may be on the broker: trusted, and no username limit applies to them. */
  deployable: readonly TrustedAuthority[]
  stored: readonly StoredDeployment[]
  /** Sends an insert for CAs that should be there already: a restarted container may have lost them. */
  isVerifying: boolean
  at: string
}

export interface PlannedCommand {
  command: CertificateCommand
  deployment: StoredDeployment
}

/** `listener_changed`: the broker has another port under the id, so a command could reach a listener that nobody chose. */
export type Impossible = 'listener_missing' | 'listener_changed' | 'listener_unsuitable'

export interface Plan {
  /** Inserts before deletes: a CA that replaces another is trusted before the other goes. */
  commands: PlannedCommand[]
  impossible: { deployment: StoredDeployment; error: Impossible }[]
  /** On listeners that the broker no longer has, and not wanted. */
  gone: StoredDeployment[]
}

/** The names of our files. A name says which certificate is in the file, so a file that exists has the right content. */
export function fileNameOf(fingerprint: string): string {
  return `gatehouse-${fingerprint}.pem`
}

/** The broker asks for client certificates there. Without that, a CA has no effect. */
export function isSuitable({ tls, requireCertificate }: CedaloListener): boolean {
  return tls && requireCertificate
}

export function planDeployments(facts: PlanFacts): Plan {
  const byId = new Map(facts.listeners.map((listener) => [listener.id, listener]))
  const trusted = new Map(facts.deployable.map((each) => [each.fingerprint, each]))
  const plan: Plan = { commands: [], impossible: [], gone: [] }
  const deletes: PlannedCommand[] = []
  for (const deployment of allDeployments(facts, trusted)) {
    const { listenerId, fingerprint, presence } = deployment
    const authority = trusted.get(fingerprint)
    const follows = facts.following.includes(listenerId)
    const wanted = (deployment.isWanted || follows) && authority ? authority : null
    if (wanted ? presence === 'present' && !facts.isVerifying : presence === 'absent') continue
    const listener = byId.get(listenerId)
    if (!listener && !wanted) plan.gone.push(deployment)
    const error = whyImpossible(deployment, listener, wanted !== null)
    if (error) plan.impossible.push({ deployment, error })
    if (error || !listener) continue
    const place = { listenerId, fileName: fileNameOf(fingerprint) }
    if (wanted) plan.commands.push({ command: { ...place, pem: toPem('CERTIFICATE', wanted.der) }, deployment })
    else deletes.push({ command: { ...place, pem: null }, deployment })
  }
  return { ...plan, commands: [...plan.commands, ...deletes] }
}

function whyImpossible(
  { listenerPort }: StoredDeployment,
  listener: CedaloListener | undefined,
  isWanted: boolean,
): Impossible | null {
  if (!listener) return isWanted ? 'listener_missing' : null
  if (listener.port !== listenerPort) return 'listener_changed'
  // A CA that is not wanted any more is deleted there all the same.
  return isWanted && !isSuitable(listener) ? 'listener_unsuitable' : null
}

/** The stored ones, and those that a listener which follows the trust store lacks. */
function allDeployments(
  { brokerId, listeners, following, stored, at }: PlanFacts,
  trusted: ReadonlyMap<string, TrustedAuthority>,
): StoredDeployment[] {
  const known = new Set(stored.map(({ listenerId, fingerprint }) => `${listenerId} ${fingerprint}`))
  const missing = listeners
    .filter(({ id }) => following.includes(id))
    .flatMap(({ id, port }) =>
      [...trusted.values()]
        .filter(({ fingerprint }) => !known.has(`${id} ${fingerprint}`))
        .map(({ fingerprint, name }) =>
          newDeployment({ brokerId, listenerId: id, listenerPort: port, fingerprint, name }, at),
        ),
    )
  return [...stored, ...missing]
}

type Place = Pick<StoredDeployment, 'brokerId' | 'listenerId' | 'listenerPort' | 'fingerprint' | 'name'>

/** Not wanted by a person, and not on the broker. */
export function newDeployment(place: Place, at: string): StoredDeployment {
  return { ...place, isWanted: false, presence: 'absent', error: null, changedAt: at }
}
