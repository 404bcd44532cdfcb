/**
 * A path without parameters is looked up; only the others are held against each route in turn, of which there are a hundred.
 * What is not found here, another method of a known path too, goes the usual way.
 */
import type { RequestHandler, Router } from 'express'

export type DirectRoutes = Map<string, RequestHandler>

export function useDirectRoutes(router: Router): DirectRoutes {
  const direct: DirectRoutes = new Map()
  router.use((request, response, next) => {
    const handler = direct.get(`${request.method} ${request.path}`)
    return handler ? handler(request, response, next) : next()
  })
  return direct
}
