/** One part of the bench: some rows of the table, and a line chart where something grows. */
import type { Row } from './row.ts'
import type { Installations } from './sides/gatehouse.ts'

export interface Bench {
  installations: Installations
  rounds: number
  /** The first number in a full run, the second in a smoke run. */
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
