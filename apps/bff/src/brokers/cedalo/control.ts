/**
 * Cedalo's control API, as docs.cedalo.com describes it: client CAs by listener (`$CONTROL/certificate-management/v1`), and the
 * listeners of the broker (`$CONTROL/broker/v1`). `$CONTROL/cedalo/client-control/v1` ends a connection by its client id and is not
 * used: the broker does not say which client ids a user has, and dynsec ends the connections of a user.
 */
import * as z from 'zod/mini'
import { type ControlClient, ControlError, type ControlResponse } from '../mosquitto/control-client.ts'

const brokerTopic = '$CONTROL/broker/v1'
const certificatesTopic = '$CONTROL/certificate-management/v1'

type Control = Pick<ControlClient, 'send'>

/** A listener of a Pro Mosquitto. */
export interface CedaloListener {
  id: number
  port: number
  protocol: string
  bindAddress: string | null
  tls: boolean
  requireCertificate: boolean
}

/**
 * What a command did. `exists`: the file was there already. `refused`: the words of the broker. `wrong_answer` and the faults of the
 * connection: whether the command had an effect is not known.
 */
export type Outcome =
  | { result: 'done' }
  | { result: 'exists' }
  | { result: 'refused'; text: string }
  | { result: 'unknown'; code: 'wrong_answer' | ControlError['code'] }

/** `not_pro`: the answer of the open source Mosquitto 2.1, whose listeners have no ids. */
export type ListenersAnswer =
  | { listeners: CedaloListener[] }
  | { fault: 'not_pro' | 'wrong_answer' | 'refused' | ControlError['code'] }

const maxListeners = 1_000

const ProListener = z.object({
  id: z.int().check(z.minimum(1)),
  port: z.int().check(z.minimum(0), z.maximum(65_535)),
  protocol: z.string().check(z.maxLength(100)),
  tls: z.boolean(),
  'require-certificate': z._default(z.boolean(), false),
  'bind-address': z.optional(z.string().check(z.maxLength(300))),
})
const ProListeners = z.array(ProListener).check(z.maxLength(maxListeners))

export async function listListeners(control: Control): Promise<ListenersAnswer> {
  const answer = await sendOne(control, brokerTopic, { command: 'listListeners' })
  if (answer instanceof ControlError) return { fault: answer.code }
  if (answer.command !== 'listListeners') return { fault: 'wrong_answer' }
  if (answer.error !== undefined) return { fault: 'refused' }
  const found = answer.data?.['listeners']
  const read = ProListeners.safeParse(found)
  if (!read.success) return { fault: hasNoIds(found) ? 'not_pro' : 'wrong_answer' }
  const listeners = read.data.map((each) => ({
    id: each.id,
    port: each.port,
    protocol: each.protocol,
    bindAddress: each['bind-address'] ?? null,
    tls: each.tls,
    requireCertificate: each['require-certificate'],
  }))
  // With one id twice, a command could reach another listener than the one that was chosen.
  const isUnique = new Set(listeners.map(({ id }) => id)).size === listeners.length
  return isUnique ? { listeners } : { fault: 'wrong_answer' }
}

function hasNoIds(found: unknown): boolean {
  return Array.isArray(found) && found.length > 0 && found.every(isListenerWithoutId)
}

function isListenerWithoutId(each: unknown): boolean {
  return typeof each === 'object' && each !== null && 'port' in each && !('id' in each)
}

/** A command for one listener. With `pem` it inserts the CA, without it deletes the file. */
export interface CertificateCommand {
  listenerId: number
  fileName: string
  pem: string | null
}

/** Sends the commands in one message. The outcomes are in the order of the commands. */
export async function sendCertificateCommands(
  control: Control,
  commands: readonly CertificateCommand[],
): Promise<Outcome[]> {
  try {
    const answers = await control.send(certificatesTopic, commands.map(toWire))
    return commands.map((command, at) => outcomeOf(command, answers[at]))
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    return commands.map(() => ({ result: 'unknown', code: error.code }))
  }
}

function toWire({ listenerId, fileName, pem }: CertificateCommand) {
  const place = { listener_id: listenerId, file_name: fileName }
  if (pem === null) return { command: 'deleteCACertificate', ...place }
  return { command: 'insertCACertificate', ...place, ca_cert_pem: pem }
}

/** The one error that is documented. */
const alreadyThere = 'File already exists'

function outcomeOf({ pem }: CertificateCommand, answer: ControlResponse | undefined): Outcome {
  const expected = pem === null ? 'deleteCACertificate' : 'insertCACertificate'
  if (answer?.command !== expected) return { result: 'unknown', code: 'wrong_answer' }
  if (answer.error !== undefined) {
    return pem !== null && answer.error === alreadyThere
      ? { result: 'exists' }
      : { result: 'refused', text: answer.error }
  }
  return answer.data?.['response'] === 'SUCCESS' ? { result: 'done' } : { result: 'unknown', code: 'wrong_answer' }
}

async function sendOne(
  control: Control,
  topic: string,
  command: Readonly<Record<string, unknown>>,
): Promise<ControlResponse | ControlError> {
  try {
    const [answer] = await control.send(topic, [command])
    return answer ?? new ControlError('no_answer')
  } catch (error) {
    if (error instanceof ControlError) return error
    throw error
  }
}
