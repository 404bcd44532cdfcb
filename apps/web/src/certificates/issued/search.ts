import { ExpiryWindow } from '@gatehouse/contract/certificates/expiry'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import * as z from 'zod/mini'
import { listParameters, parameter } from '../../ui/list-parameters.ts'

/** The URL of the page: the list and its filters. */
export const ClientCertificatesSearch = z.object({
  ...listParameters(clientCertificates.list.search.shape.sort),
  kind: parameter(clientCertificates.list.search.shape['kind[eq]']),
  expires: parameter(ExpiryWindow),
  state: parameter(clientCertificates.list.search.shape['state[eq]']),
})
export type ClientCertificatesSearch = z.output<typeof ClientCertificatesSearch>
