/**
 * What a person gave, as the one text that the server reads: PEM, whatever it was before. What is surely a private key does
 * not leave the browser; all else is judged by the server.
 */

import {
  type AuthorityProblem,
  authorities,
  type InspectedCertificate,
  maxUploadBytes,
} from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { type UseMutationResult, useMutation } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { formatMebibytes } from '../../messages/format.ts'
import { asked, readBytes, readText, refusal } from './given-file.ts'

export interface Given {
  /** PEM, one or many blocks. */
  text: string
  /** Where it came from: "plant.pem", "3 files", "the pasted text". */
  source: string
  /** Certificates with one of these problems are not to be trusted, and the others are. */
  leaveOut?: AuthorityProblem[]
}

/** Several files are taken as one. Throws `ApiProblem`, as the server would. */
export async function readFiles(files: readonly File[]): Promise<Given> {
  const [only] = files
  const source = files.length === 1 && only ? only.name : t`${files.length} files`
  // Before anything is read: the largest of files would otherwise be held in memory first.
  const size = files.reduce((sum, file) => sum + file.size, 0)
  if (size > maxUploadBytes) throw refusal('too_large', tooLarge(source, size))
  const texts = await Promise.all(
    files.map(async (file) => readBytes(await file.arrayBuffer(), file.name, asked.certificates)),
  )
  return bounded({ text: texts.join('\n'), source })
}

export function readTyped(typed: string): Given {
  const source = t`the pasted text`
  return bounded({ text: readText(typed, source, asked.certificates), source })
}

/** The body is JSON, in which each end of a line takes two bytes. */
function bounded(given: Given): Given {
  const size = new TextEncoder().encode(JSON.stringify(given.text)).length + roomForTheRest
  if (size > maxUploadBytes) throw refusal('too_large', tooLarge(given.source, size))
  return given
}

/** The name, and a hundred globs. */
const roomForTheRest = 16 * 1024

function tooLarge(source: string, size: number): string {
  return t`${source} has ${formatMebibytes(size)} MiB. The maximum is ${formatMebibytes(maxUploadBytes)} MiB. It was not sent.`
}

export interface Inspected {
  given: Given
  certificates: InspectedCertificate[]
}

export type Inspection = UseMutationResult<Inspected, Error, () => Given | Promise<Given>>

/** Held by the page: a file that is dropped there is looked at before the dialog opens. */
export function useInspection(): Inspection {
  return useMutation({ mutationFn: inspect, gcTime: 0 })
}

async function inspect(read: () => Given | Promise<Given>): Promise<Inspected> {
  const given = await read()
  const { text: certificates, leaveOut = [] } = given
  return { given, ...(await call(authorities.inspect, { body: { certificates, leaveOut } })) }
}

/** The same without the certificates that have a problem; null where no other is there. */
export function withoutBad({ given, certificates }: Inspected): Given | null {
  const bad = certificates.filter(({ problems }) => problems.length > 0)
  if (bad.length === 0 || bad.length === certificates.length) return null
  return { ...given, leaveOut: [...new Set(bad.flatMap(({ problems }) => problems))] }
}
