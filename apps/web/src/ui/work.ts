/** Long work that goes on while one is on another page: what it is, how far it has come, and where to look at it. */
import type { LinkProps } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'

export interface Work {
  /** "Importing users" */
  label: string
  done: number
  of: number
  /** False: it waits for somebody, or has ended and nobody has looked yet. */
  isGoingOn: boolean
  to: NonNullable<LinkProps['to']>
}

let work: Work | null = null
const listeners = new Set<() => void>()

export function setWork(next: Work | null): void {
  work = next
  for (const listener of listeners) listener()
}

export function useWork(): Work | null {
  return useSyncExternalStore(subscribe, () => work)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
