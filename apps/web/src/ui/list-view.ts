/** How a person looks at a list: hidden columns, density, and named filters. The browser remembers it for each list. */
import { useLocalStorage } from '@mantine/hooks'
import * as z from 'zod/mini'
import type { Column } from './column.ts'

export const maxSavedFilters = 20
export const maxSavedNameLength = 40

const SavedFilter = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(maxSavedNameLength)),
  /** The parameters of the URL, without the place in the list. */
  search: z.record(z.string(), z.string()),
})
export type SavedFilter = z.output<typeof SavedFilter>

const Stored = z.object({
  hidden: z.array(z.string()),
  isCompact: z.boolean(),
  saved: z.array(SavedFilter).check(z.maxLength(maxSavedFilters)),
})
type Stored = z.output<typeof Stored>

const untouched: Stored = { hidden: [], isCompact: false, saved: [] }

export interface ListView extends Stored {
  isHidden: (column: Pick<Column<never>, 'id' | 'header'>) => boolean
  toggleColumn: (column: Pick<Column<never>, 'id' | 'header'>) => void
  setCompact: (isCompact: boolean) => void
  /** Replaces one of the same name. Does nothing when there are `maxSavedFilters` others. */
  save: (filter: SavedFilter) => void
  forget: (name: string) => void
}

/** `list`: its name in the storage of the browser. `hidden`: the columns that are hidden until the person shows them, by id. */
export function useListView(list: string, hidden: readonly string[] = []): ListView {
  const [stored, setStored] = useLocalStorage<Stored>({
    key: `gatehouse-list-${list}`,
    defaultValue: { ...untouched, hidden: [...hidden] },
    getInitialValueInEffect: false,
    deserialize: (text) => read(text) ?? { ...untouched, hidden: [...hidden] },
  })
  return {
    ...stored,
    isHidden: ({ id }) => stored.hidden.includes(id),
    toggleColumn: ({ id }) => {
      const others = stored.hidden.filter((each) => each !== id)
      setStored({ ...stored, hidden: others.length < stored.hidden.length ? others : [...others, id] })
    },
    setCompact: (isCompact) => setStored({ ...stored, isCompact }),
    save: (filter) => {
      const others = stored.saved.filter(({ name }) => name !== filter.name)
      if (others.length < maxSavedFilters) setStored({ ...stored, saved: [...others, filter] })
    },
    forget: (name) => setStored({ ...stored, saved: stored.saved.filter((each) => each.name !== name) }),
  }
}

/** What another version wrote, or a person by hand, is not trusted. */
function read(text: string | undefined): Stored | null {
  try {
    return Stored.parse(JSON.parse(text ?? ''))
  } catch {
    return null
  }
}
