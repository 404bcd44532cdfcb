/** Uploads a large bundle in slices, each in one transaction: the person sees the progress, and other writes do not wait for a thousand. */
import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { Input } from '@gatehouse/contract/client'
import type { Answer } from '@gatehouse/contract/route'
import { call } from '../../api/client.ts'

type Upload = Input<typeof authorities.create>
type Uploaded = Answer<typeof authorities.create>

export interface Progress {
  done: number
  of: number
}

const sliceSize = 200

interface Ways {
  report: (progress: Progress) => void
  /** Asked before each slice: once it is not, the rest is not sent. */
  isWanted: () => boolean
}

/** An authority that exists is no error, so the same bundle can be sent again after a failure. */
export async function uploadInSlices({ body }: Upload, { report, isWanted }: Ways): Promise<Uploaded> {
  const slices = slicesOf(body.certificates)
  const of = slices.reduce((sum, slice) => sum + slice.length, 0)
  const all: Uploaded = { added: [], existing: [], leftOut: [], live: true }
  let done = 0
  for (const slice of slices) {
    if (!isWanted()) break
    if (slices.length > 1) report({ done, of })
    const { added, existing, leftOut, live } = await call(authorities.create, {
      body: { ...body, certificates: slices.length > 1 ? slice.join('') : body.certificates },
    })
    all.added.push(...added)
    all.existing.push(...existing)
    all.leftOut.push(...leftOut)
    all.live &&= live
    done += slice.length
  }
  return all
}

/** PEM blocks, of about as many in each slice; one slice where it is not clear where a certificate begins. */
export function slicesOf(text: string): string[][] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g) ?? []
  const isPlain = blocks.length === (text.match(/-----BEGIN /g) ?? []).length
  if (!isPlain || blocks.length <= sliceSize) return [blocks]
  const size = Math.ceil(blocks.length / Math.ceil(blocks.length / sliceSize))
  return Array.from({ length: Math.ceil(blocks.length / size) }, (_, at) => blocks.slice(at * size, (at + 1) * size))
}
