/** The areas of the console, as suggestions for a permission's path: read from the routes that there are. */
import { everyRoute } from '@gatehouse/contract/api'

export interface Area {
  name: string
  /** All of it. */
  path: string
}

export const areas: readonly Area[] = [{ name: 'Everything', path: '/#' }, ...areasOfRoutes()]

function areasOfRoutes(): Area[] {
  const byPath = new Map<string, Area>()
  for (const { access, path, tag } of everyRoute) {
    const area = `/api/${path.split('/')[1]}/#`
    if (access === 'permitted' && !byPath.has(area)) byPath.set(area, { name: tag, path: area })
  }
  return [...byPath.values()]
}
