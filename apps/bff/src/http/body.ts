/** Reads a JSON body: no larger than the route allows, of the right type, parsed strictly. */

import type { RouteDefinition } from '@gatehouse/contract/route'
import type { Request, Response } from 'express'
import { text } from 'express'
import { Problem } from '../base/problem.ts'
import { readBearer } from './bearer.ts'

const defaultMaxBytes = 100 * 1024

// What curl says when it is told nothing: the tutorials' lines must work as they are.
const curlDefault = 'application/x-www-form-urlencoded'

export async function readBody(request: Request, response: Response, route: RouteDefinition): Promise<unknown> {
  requireJson(request, route)
  const body = await readText(request, response, route.maxBytes ?? defaultMaxBytes)
  try {
    return JSON.parse(body)
  } catch {
    throw new Problem('broken_json')
  }
}

function requireJson(request: Request, route: RouteDefinition): void {
  const type = (request.get('Content-Type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/json') return
  // No cookie is believed on these, so a form on another site gains nothing by posting here.
  const isScript = readBearer(request) !== null || route.forScripts
  if (isScript && (type === '' || type === curlDefault)) return
  throw new Problem('unsupported_media_type')
}

function readText(request: Request, response: Response, limit: number): Promise<string> {
  const read = text({ type: () => true, limit, defaultCharset: 'utf-8' })
  return new Promise((resolve, reject) => {
    read(request, response, (error: unknown) => {
      if (error) reject(error)
      else resolve(typeof request.body === 'string' ? request.body : '')
    })
  })
}
