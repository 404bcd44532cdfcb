/** Saves a file that a route answers with. It goes through the client, so that a refusal is said like any other. */
import type { Input } from '@gatehouse/contract/client'
import { isFileAnswer, type Route } from '@gatehouse/contract/route'
import { call } from '../api/client.ts'
import { toastError } from './toast.tsx'

export async function download<R extends Route>(route: R, input: Input<R>, fileName: string): Promise<void> {
  try {
    save(new Blob([String(await call(route, input))], { type: mediaTypeOf(route) }), fileName)
  } catch (error) {
    toastError(error)
  }
}

/** Saves what is on the page and nowhere else. */
export function saveText(text: string, fileName: string): void {
  save(new Blob([text], { type: 'text/plain' }), fileName)
}

/** The same for what is no text. */
export function saveBytes(bytes: Uint8Array<ArrayBuffer>, mediaType: string, fileName: string): void {
  save(new Blob([bytes], { type: mediaType }), fileName)
}

function save(content: Blob, fileName: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = fileName
  link.click()
  URL.revokeObjectURL(link.href)
}

function mediaTypeOf({ answer }: Route): string {
  return isFileAnswer(answer) ? answer.file : 'application/json'
}

/** A name that people gave, as the name of a file everywhere: `Acme: Plant/CA` becomes `Acme-Plant-CA`. */
export function fileNameFrom(name: string, ending: string): string {
  const safe = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80)
  // Windows keeps such names to itself, whatever comes after the dot.
  const isReserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(safe)
  return `${isReserved ? 'file-' : ''}${safe || 'file'}.${ending}`
}
