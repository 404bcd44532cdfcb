import type { overview } from '@gatehouse/contract/operations/overview'
import type { Bindings } from '../../platform/http/handle.ts'
import { viewActivity } from './activity.ts'
import { viewExpiries } from './expiries.ts'
import { type OverviewContext, viewOverview } from './service.ts'

export function overviewRoutes(context: OverviewContext): Bindings<typeof overview> {
  return {
    view: ({ caller }) => viewOverview(context, caller),
    expiries: ({ caller }) => viewExpiries(context, caller),
    activity: ({ search, caller }) => viewActivity(context, { range: search.range, caller }),
  }
}
