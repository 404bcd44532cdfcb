/** A list as a file that is generated while it is sent. */
import { csvLine } from './csv.ts'

/** The columns of a CSV file by their names, in order. */
export type Columns<Item> = Readonly<Record<string, (item: Item) => string | number | null>>

export async function* asCsv<Item>(slices: AsyncIterable<Item[]>, columns: Columns<Item>): AsyncGenerator<string> {
  yield csvLine(Object.keys(columns))
  const cells = Object.values(columns)
  for await (const items of slices) yield items.map((item) => csvLine(cells.map((cell) => cell(item)))).join('')
}

/** One JSON object per line. */
export async function* asJsonLines(slices: AsyncIterable<unknown[]>): AsyncGenerator<string> {
  for await (const items of slices) yield items.map((item) => `${JSON.stringify(item)}\n`).join('')
}
