/** One line of the table: both sides are measured in turn, and their medians are compared. */

export interface Row {
  name: string
  /** What `ours` and `theirs` count: `ms of CPU`, `requests per second of CPU`, `s`, `bytes` … */
  unit: string
  /** Median over the rounds. */
  ours: number
  /** Null if there is no other side: `ratio` is then our own figure. */
  theirs: number | null
  /** The median of ours divided by the median of theirs: a reader can check it. */
  ratio: number
  target: number
  /** More is better. */
  atLeast: boolean
  /** From the lowest to the highest ratio of a round, as a part of the median of the rounds. */
  spread: number
  /** The page that says why the target is missed. */
  explained?: string
}

export type Goal = Pick<Row, 'name' | 'unit' | 'target'> & { atLeast?: boolean; explained?: string }

/**
 * Measures every side once per round. The order rotates, so that a slow phase of the machine
 * affects all sides.
 */
export async function inTurn<Name extends string>(
  rounds: number,
  sides: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[]
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) {
    for (let at = 0; at < names.length; at++) {
      const name = names[(at + round) % names.length]
      if (name !== undefined) measured[name].push(await sides[name]())
    }
  }
  return measured
}

/** `theirs` null: our figure itself is compared with the target. */
export function makeRow(goal: Goal, ours: readonly number[], theirs: readonly number[] | null): Row {
  const inRounds = ours.map((value, round) => (theirs === null ? value : value / (theirs[round] ?? Number.NaN)))
  const middle = median(inRounds)
  const medians = { ours: median(ours), theirs: theirs === null ? null : median(theirs) }
  return {
    ...goal,
    atLeast: goal.atLeast ?? false,
    ...medians,
    ratio: medians.theirs === null ? medians.ours : medians.ours / medians.theirs,
    spread: middle === 0 ? 0 : (Math.max(...inRounds) - Math.min(...inRounds)) / middle,
  }
}

export function isReached({ ratio, target, atLeast }: Row): boolean {
  return atLeast ? ratio >= target : ratio <= target
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Interpolates linearly between two values. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * part
  const [low = Number.NaN, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low + (high - low) * (place - Math.floor(place))
}
