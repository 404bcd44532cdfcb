import { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import * as z from 'zod/mini'
import { queryFor } from '../../api/queries.ts'
import { parameter } from '../../ui/list-parameters.ts'

/** The URL of the page: whether the dialog is open. */
export const BuiltInSearch = z.object({ replace: parameter(z.string()) })

export const builtInQuery = queryFor(builtInAuthority.view, {})
