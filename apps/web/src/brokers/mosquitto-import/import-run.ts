/** The import that this browser has started. It runs on the server, so the page may be left meanwhile. */
import { type MosquittoImport, mosquittoImports, type UnderDeny } from '@gatehouse/contract/brokers/mosquitto-import'
import { create } from 'zustand'
import { call } from '../../api/client.ts'
import type { ImportFile } from './given-files.ts'

/** What is imported, and how. */
export interface ImportChoice {
  files: ImportFile[]
  underDeny: UnderDeny
}

const useStore = create<{ id: string | null }>(() => ({ id: null }))

export function useImportId(): string | null {
  return useStore(({ id }) => id)
}

export async function startImport(given: ImportChoice, digest: string): Promise<void> {
  const { id } = await call(mosquittoImports.create, { body: { ...given, digest } })
  useStore.setState({ id })
}

export function forgetImport(): void {
  useStore.setState({ id: null })
}

export function isRunning({ state }: Pick<MosquittoImport, 'state'>): boolean {
  return state === 'hashing' || state === 'writing'
}
