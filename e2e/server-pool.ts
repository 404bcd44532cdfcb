/** One application for each spec file: what one file does to it is not seen by the next. */
import type { Call } from '@gatehouse/contract/client'
import { admin } from './actions.ts'
import { scriptCall } from './api.ts'
import { type Gatehouse, startGatehouse } from './server.ts'

export interface World {
  gatehouse: Gatehouse
  /** The API, as a script of the first administrator calls it. */
  call: Call
}

/** Held by a worker, which runs its files one after the other. */
export class ServerPool {
  #file = ''
  #world: World | undefined

  async for(file: string): Promise<World> {
    if (this.#world && this.#file === file) return this.#world
    await this.remove()
    const gatehouse = await startGatehouse({ GATEHOUSE_ADMIN_PASSWORD: admin.password })
    this.#file = file
    this.#world = { gatehouse, call: await scriptCall(gatehouse.url, admin) }
    return this.#world
  }

  async remove(): Promise<void> {
    await this.#world?.gatehouse.remove()
    this.#world = undefined
  }
}
