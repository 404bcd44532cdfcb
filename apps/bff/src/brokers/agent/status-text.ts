/** What `agent status` prints. */
import type { Status } from './contact.ts'
import type { Identity } from './identity.ts'

interface Facts {
  /** Null: not enrolled. */
  identity: Identity | null
  /** Null: the agent has not run here. */
  status: Status | null
  now: Date
}

export function statusText({ identity, status, now }: Facts): string {
  if (!identity) return 'Not enrolled. The console shows the command on the page of the broker.'
  const { brokerName, console: url } = identity
  const enrolled = `Agent of the broker ${brokerName}, enrolled with ${url}.`
  if (!status) return `${enrolled}\nIt has not run yet.`
  const { at, answeredAt, fault, receivedAt, sequence, isApplied, problems } = status
  const applied = isApplied ? 'The broker has this state.' : 'The broker does not have this state yet.'
  return [
    enrolled,
    answeredAt === null
      ? 'The console has not answered since the agent was started.'
      : `The console answered ${ageOf(answeredAt, now)} ago.`,
    ...(fault === null ? [] : [fault]),
    receivedAt === null
      ? 'Nothing was received from the console yet.'
      : `The newest state is of change ${sequence}, received ${ageOf(receivedAt, now)} ago. ${applied}`,
    ...(problems.length > 0 ? [`Problems: ${problems.join(', ')}.`] : []),
    `The agent wrote this ${ageOf(at, now)} ago.`,
  ].join('\n')
}

const steps = [
  { unit: 'days', ms: 24 * 60 * 60_000 },
  { unit: 'hours', ms: 60 * 60_000 },
  { unit: 'minutes', ms: 60_000 },
] as const

/** `3 hours`; seconds below two minutes. */
function ageOf(at: string, now: Date): string {
  const ms = Math.max(0, now.getTime() - Date.parse(at))
  const step = steps.find((each) => ms >= 2 * each.ms)
  return step ? `${Math.floor(ms / step.ms)} ${step.unit}` : `${Math.round(ms / 1_000)} seconds`
}
