/** One application for each spec file, so that files do not affect each other. */
import type { Call } from '@gatehouse/contract/client'
import { admin } from './actions.ts'
import { scriptCall } from './api.ts'
import { choosePorts, type Gatehouse, type Shared, startGatehouse } from './server.ts'
import { ServerHost } from './server-host.ts'

export interface World {
  gatehouse: Gatehouse
  /** Calls the API with a token of the first administrator. */
  call: Call
}

/** Owned by a worker, which runs its files one after the other. */
export class ServerPool {
  #file = ''
  #world: World | undefined
  /** All servers of a worker have the same addresses, so its browser keeps its context. */
  #shared: Shared | undefined

  async for(file: string): Promise<World> {
    if (this.#world && this.#file === file) return this.#world
    await this.#removeWorld()
    this.#shared ??= { ports: await choosePorts(), host: new ServerHost() }
    const gatehouse = await startGatehouse({ GATEHOUSE_ADMIN_PASSWORD: admin.password }, this.#shared)
    this.#file = file
    this.#world = { gatehouse, call: await scriptCall(gatehouse.url, admin) }
    return this.#world
  }

  async remove(): Promise<void> {
    await this.#removeWorld()
    await this.#shared?.host.end()
  }

  async #removeWorld(): Promise<void> {
    await this.#world?.gatehouse.remove()
    this.#world = undefined
  }
}
