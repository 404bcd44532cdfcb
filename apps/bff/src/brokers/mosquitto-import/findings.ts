import { type FindingCode, type ImportFinding, findings as weights } from '@gatehouse/contract/brokers/mosquitto-import'

/** Where something stands in the given files. `line` counts from 1; null: the whole file, or a place in JSON. */
export interface Place {
  file: string
  line: number | null
  /** The line without secrets, or the place in JSON. */
  text: string
}

const namedUsers = 5
const maxTextLength = 200
/** Different findings that are kept. The rest is counted in the last one. */
const maxKept = 50_000

/** What the import cannot express or does in another way. One entry for each place, with the users whom it concerns. */
export class Findings {
  readonly #byPlace = new Map<string, ImportFinding & { names: Set<string> }>()

  /** `username`: whom it concerns, if it concerns single users. */
  add(code: FindingCode, { file, line, text }: Place, username?: string): void {
    const shown = text.slice(0, maxTextLength).toWellFormed()
    const key = `${code}\n${file}\n${line}\n${shown}`
    const known = this.#byPlace.get(key)
    if (!known && this.#byPlace.size >= maxKept) return
    const finding = known ?? { ...start(code), file, line, text: shown, names: new Set<string>() }
    this.#byPlace.set(key, finding)
    if (username === undefined || finding.names.has(username)) return
    finding.names.add(username)
    finding.users = finding.names.size
    if (finding.firstUsers.length < namedUsers) finding.firstUsers.push(username)
  }

  /** Losses first, then by file and line. */
  list(): ImportFinding[] {
    const order = { lost: 0, changed: 1, note: 2 }
    return [...this.#byPlace.values()]
      .map(({ names: _names, ...finding }) => finding)
      .toSorted(
        (one, other) =>
          order[one.weight] - order[other.weight] ||
          compare(one.file, other.file) ||
          (one.line ?? 0) - (other.line ?? 0) ||
          compare(one.code, other.code),
      )
  }
}

function start(code: FindingCode) {
  return { code, weight: weights[code], users: 0, firstUsers: [] as string[] }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
