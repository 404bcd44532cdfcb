/** What the thread of the log does with its files while the engine runs. */
import { closeSync, ftruncateSync } from 'node:fs'
import { createSegment, openForAppending, readPart, removeSegments, writeAll } from './segments.ts'

let open: { path: string; file: number } | undefined

/** Appending always concerns the last segment, so one file stays open. */
function fileOf(path: string): number {
  if (open?.path === path) return open.file
  closeOpenFile()
  open = { path, file: openForAppending(path) }
  return open.file
}

function closeOpenFile(): void {
  const file = open?.file
  open = undefined
  if (file !== undefined) closeSync(file)
}

export const diskCalls = {
  /** The bytes are on the disk when it returns. @returns their memory, for the next batch. */
  append: ({ path, bytes, at }: { path: string; bytes: Uint8Array; at: number }): Uint8Array => {
    writeAll(fileOf(path), bytes, at)
    return bytes
  },
  truncate: ({ path, bytes }: { path: string; bytes: number }): void => ftruncateSync(fileOf(path), bytes),
  create: createSegment,
  read: readPart,
  remove: removeSegments,
  /** For a thread that another log uses next. */
  close: closeOpenFile,
}

export type DiskCalls = typeof diskCalls
export type DiskCall = keyof DiskCalls
export type DiskArgument<Name extends DiskCall> = Parameters<DiskCalls[Name]>[0]
export type DiskResult<Name extends DiskCall> = ReturnType<DiskCalls[Name]>
