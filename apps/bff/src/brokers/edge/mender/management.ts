/** Has devices accepted by a Mender server, through its management API, before their own authentication request is passed on. */
import { createPublicKey } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import * as z from 'zod/mini'
import { type ApiAnswer, credentialsOf, type UpstreamClient } from '../upstream-client.ts'
import { type AuthRequest, exportSpki } from './auth-request.ts'

export const devicesPath = '/api/management/v2/devauth/devices'
/** Mender keeps ten sessions of a user: a login for each device would end the others. */
export const loginPath = '/api/management/v1/useradm/auth/login'
export const logoutPath = '/api/management/v1/useradm/auth/logout'

/** How long a device counts as accepted without another question. Its own token lives for a week by default. */
const acceptedForMs = 60 * 60 * 1_000
const maxAccepted = 100_000

const Device = z.object({
  id: z.string(),
  decommissioning: z.optional(z.boolean()),
  auth_sets: z.nullish(z.array(z.object({ id: z.string(), pubkey: z.string(), status: z.string() }))),
})

/** The management API did not answer as documented. `detail` has no secret. */
export class MenderFault extends Error {
  override name = 'MenderFault'
}

export class MenderManagement {
  readonly #client: UpstreamClient
  readonly #secret: string | null
  readonly #accepted = new LRUCache<string, true>({ max: maxAccepted, ttl: acceptedForMs })
  /** The `Authorization` of management calls. */
  #authorization: Promise<string> | null = null

  constructor(client: UpstreamClient, secret: string | null) {
    this.#client = client
    this.#secret = secret
  }

  /**
   * Has this identity with this key accepted. What a person rejected there stays rejected, and what cannot be accepted is left to the
   * answer of the server to the device. Rejects with `MenderFault`.
   */
  async accept(request: AuthRequest): Promise<void> {
    const key = cacheKey(request)
    if (this.#accepted.has(key)) return
    await this.#accept(request)
    this.#accepted.set(key, true)
  }

  /** The server refused the device: ask again next time. */
  forget(request: AuthRequest): void {
    this.#accepted.delete(cacheKey(request))
  }

  async #accept(request: AuthRequest): Promise<void> {
    const created = await this.#preauthorize(request, false)
    if (created.status === 201) return
    if (created.status !== 409) throw new MenderFault(`${devicesPath} answered ${created.status}`)
    // The body of a conflict is the device of this identity, without its keys.
    const { id } = readDevice(created)
    const device = readDevice(await this.#call('GET', `${devicesPath}/${encodeURIComponent(id)}`))
    if (device.decommissioning) return
    const known = (device.auth_sets ?? []).find(({ pubkey }) => isSameKey(pubkey, request.spki))
    if (!known) {
      // The identity belongs to the holder of this certificate, so that a new key of it replaces the old one.
      await this.#preauthorize(request, true)
    } else if (known.status === 'pending') {
      const path = `${devicesPath}/${encodeURIComponent(id)}/auth/${encodeURIComponent(known.id)}/status`
      await this.#call('PUT', path, '{"status":"accepted"}')
    }
  }

  /** `force` overturns what a person decided, so it is used for keys that the server does not know only. */
  #preauthorize({ idData, publicKey }: AuthRequest, force: boolean): Promise<ApiAnswer> {
    // The text of the device, not written anew: the server computes the identity from it.
    const body = `{"identity_data":${idData},"pubkey":${JSON.stringify(publicKey)},"force":${force}}`
    return this.#call('POST', devicesPath, body)
  }

  async #call(method: string, path: string, body: string | null = null): Promise<ApiAnswer> {
    const used = this.#signIn()
    const answer = await this.#client.call({ method, path, body, authorization: await used })
    if (answer.status !== 401 || this.#client.upstream.authentication === 'bearer') return answer
    // The session of the management user has ended: sign in once more, once for all that wait.
    if (this.#authorization === used) this.#authorization = null
    return this.#client.call({ method, path, body, authorization: await this.#signIn() })
  }

  #signIn(): Promise<string> {
    this.#authorization ??= this.#login().catch((error: unknown) => {
      this.#authorization = null
      throw error
    })
    return this.#authorization
  }

  async #login(): Promise<string> {
    const { authentication, username } = this.#client.upstream
    const credentials = credentialsOf({ authentication, username, secret: this.#secret })
    if (authentication === 'bearer') return credentials
    const { status, text } = await this.#client.call({
      method: 'POST',
      path: loginPath,
      body: null,
      authorization: credentials,
    })
    if (status !== 200) throw new MenderFault(`${loginPath} answered ${status}`)
    return `Bearer ${text.trim()}`
  }
}

function cacheKey({ identityHash, spki }: AuthRequest): string {
  return `${identityHash} ${spki.toString('base64')}`
}

function readDevice({ status, text }: ApiAnswer): z.output<typeof Device> {
  try {
    return Device.parse(JSON.parse(text))
  } catch (cause) {
    throw new MenderFault(`a device of the management API cannot be read (status ${status})`, { cause })
  }
}

function isSameKey(pem: string, spki: Buffer): boolean {
  try {
    return exportSpki(createPublicKey(pem)).equals(spki)
  } catch {
    return false
  }
}
