/**
 * A path without parameters is looked up; only the others are held against each route in turn, of which there are a hundred.
 * What is not found here, another method of a known path too, goes the usual way.
 */
import type { Route } from '@gatehouse/contract/route'
import type { RequestHandler, Router } from 'express'

type DirectRoutes = Map<string, RequestHandler>

const directOf = new WeakMap<Router, DirectRoutes>()

/** To be called after what the router does before any route: what it is given later is not asked on the direct way. */
export function routeDirectly(router: Router, { method, path }: Route, handler: RequestHandler): void {
  if (/[:*{]/.test(path)) return
  const direct = directOf.get(router) ?? useDirectRoutes(router)
  direct.set(`${method} ${path}`, handler)
}

function useDirectRoutes(router: Router): DirectRoutes {
  const direct: DirectRoutes = new Map()
  directOf.set(router, direct)
  router.use((request, response, next) => {
    const handler = direct.get(`${request.method} ${request.path}`)
    return handler ? handler(request, response, next) : next()
  })
  return direct
}
