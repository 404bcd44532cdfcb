/** A part of the measurements: some rows of the table, and where it shows how something grows, a line chart. */
import type { Row } from './row.ts'
import type { Installations } from './sides/gatehouse.ts'

export interface Bench {
  installations: Installations
  rounds: number
  /** A number of things to do: as many as given, or far fewer where the run only has to show that everything still works. */
  few: (full: number, smoke: number) => number
  say: (line: string) => void
}

/** Median over the rounds at each size. */
export interface Growth {
  name: string
  file: string
  x: string
  y: string
  lines: { name: string; points: { x: number; y: number }[] }[]
}

export interface Measured {
  rows: Row[]
  growth?: Growth[]
}

export interface Part {
  name: string
  run: (bench: Bench) => Promise<Measured>
}
