import { users } from '@gatehouse/contract/identity/users'
import { ActivityRange, overview } from '@gatehouse/contract/operations/overview'
import * as z from 'zod/mini'
import { queryFor } from '../../api/queries.ts'
import { parameter } from '../../ui/list-parameters.ts'

/** The URL of the page: how far back the charts look. */
export const OverviewSearch = z.object({ range: parameter(ActivityRange) })
export type OverviewSearch = z.output<typeof OverviewSearch>

export const overviewQuery = queryFor(overview.view, {})

/** The device that was added last: the first steps follow it. */
export const newestDeviceQuery = queryFor(users.list, {
  search: { 'kind[eq]': 'machine', sort: '-createdAt', limit: 1 },
})

export const expiriesQuery = queryFor(overview.expiries, {})

export function activityQuery({ range = 'day' }: OverviewSearch) {
  return queryFor(overview.activity, { search: { range } })
}
