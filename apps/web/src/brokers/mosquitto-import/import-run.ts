/** The import that this browser has started. It runs on the server, so the page may be left meanwhile. */
import { type MosquittoImport, mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import { create } from 'zustand'
import { call } from '../../api/client.ts'
import type { ImportFile } from './given-files.ts'

const useStore = create<{ id: string | null }>(() => ({ id: null }))

export function useImportId(): string | null {
  return useStore(({ id }) => id)
}

export async function startImport(files: ImportFile[], digest: string): Promise<void> {
  const { id } = await call(mosquittoImports.create, { body: { files, digest } })
  useStore.setState({ id })
}

export function forgetImport(): void {
  useStore.setState({ id: null })
}

export function isRunning({ state }: Pick<MosquittoImport, 'state'>): boolean {
  return state === 'hashing' || state === 'writing'
}
