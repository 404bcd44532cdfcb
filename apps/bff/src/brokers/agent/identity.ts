/** Who this agent is for the console: its key and certificate, in one file, so that both are always of one kind. */
import { join } from 'node:path'
import * as z from 'zod/mini'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import { readFileIfThere, writeFileSafely } from '../../platform/base/files.ts'

const Identity = z.object({
  enforcerId: z.string(),
  brokerName: z.string(),
  /** Where the console listens for enforcers: `https://host:port`. */
  console: z.url(),
  /** PEM. */
  certificate: z.string(),
  key: z.string(),
  /** PEM of the CAs that the console's certificate may come from: two during a replacement, the newest last. */
  authority: z.string(),
})
export type Identity = z.output<typeof Identity>

/** A key that a token is used with, written before it is sent: if the answer is lost, the same key may ask again. */
const Pending = z.object({ secret: z.string(), key: z.string(), csr: z.string() })
export type Pending = z.output<typeof Pending>

export class IdentityFile {
  readonly #path: string
  readonly #pendingPath: string

  constructor(folder: string) {
    this.#path = join(folder, 'identity.json')
    this.#pendingPath = join(folder, 'enrolment.json')
  }

  /** Null: the agent is not enrolled. Throws `BadSettings` if the file is damaged: a new enrolment replaces it. */
  async read(): Promise<Identity | null> {
    const text = await readFileIfThere(this.#path)
    if (text === null) return null
    const parsed = parse(Identity, text)
    if (!parsed) throw new BadSettings([`${this.#path} is damaged. Delete it and enrol the agent again.`])
    return parsed
  }

  /** Replaces key and certificate in one step. */
  async write(identity: Identity): Promise<void> {
    await writeFileSafely(this.#path, `${JSON.stringify(identity, null, 2)}\n`, 0o600)
  }

  async readPending(): Promise<Pending | null> {
    const text = await readFileIfThere(this.#pendingPath)
    return text === null ? null : parse(Pending, text)
  }

  async writePending(pending: Pending): Promise<void> {
    await writeFileSafely(this.#pendingPath, JSON.stringify(pending), 0o600)
  }
}

function parse<S extends z.ZodMiniType>(shape: S, text: string): z.output<S> | null {
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    return null
  }
}
