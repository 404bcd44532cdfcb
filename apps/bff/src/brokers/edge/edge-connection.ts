/** A device that is connected to the edge, and what it may do there. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { may, type Permission } from '@gatehouse/contract/access/permission'
import type { DecisionUser } from '../../access/decision/facts.ts'
import type { Connection } from '../embedded/connection.ts'

type Operation = 'read' | 'write'

/** What a running request or upgraded connection needs. */
export interface Running {
  operations: readonly Operation[]
  /** `/<upstream>/path` */
  resource: string
  end(): void
}

/** Requests of one connection that wait for the one before. Clients that send so many without an answer are rare. */
const maxWaiting = 16

export class EdgeConnection {
  readonly socket: Duplex
  /** Below it. */
  readonly tcp: Socket
  readonly connection: Connection
  readonly running = new Set<Running>()
  /** Since the connection began. */
  requests = 0
  /** Those that were sent whole. */
  answers = 0
  /** Null: none came yet. */
  lastRequestAt: Date | null = null
  #permissions: readonly Permission[] = []
  #isBusy = false
  readonly #waiting: (() => void)[] = []

  constructor({ socket, tcp }: { socket: Duplex; tcp: Socket }, connection: Connection) {
    this.socket = socket
    this.tcp = tcp
    this.connection = connection
  }

  get userId(): string {
    return this.connection.userId
  }

  begin(running: Running, at: Date): void {
    this.running.add(running)
    this.requests++
    this.lastRequestAt = at
  }

  may(operations: readonly Operation[], resource: string): boolean {
    return operations.every((operation) => may(this.#permissions, 'edge', operation, resource))
  }

  /** Applies the rights of the user as they are now, and ends what runs without a right to it. */
  use({ permissions: rights }: DecisionUser): void {
    this.#permissions = rights.filter(({ context }) => context === 'edge')
    for (const each of this.running) if (!this.may(each.operations, each.resource)) each.end()
  }

  end(): void {
    this.socket.destroy()
  }

  /**
   * Starts a request when the ones before it are answered: it may depend on them (RFC 9112 §9.3.2). Returns false if too many wait, and
   * the caller ends the connection.
   */
  inOrder(response: ServerResponse, start: () => void): boolean {
    if (this.#waiting.length >= maxWaiting) return false
    response.once('close', () => this.#next())
    this.#waiting.push(start)
    if (!this.#isBusy) this.#next()
    return true
  }

  #next(): void {
    const start = this.#waiting.shift()
    this.#isBusy = start !== undefined
    if (!this.socket.destroyed) start?.()
  }
}

/** GET and HEAD read; every other method may change something (RFC 9110 §9.2.1 names more safe methods, but servers differ). */
export function operationOf(method: string | undefined): Operation {
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write'
}
