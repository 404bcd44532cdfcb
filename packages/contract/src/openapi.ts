/** The contract as an OpenAPI 3.1 document. Nothing is written twice: shapes come from the schemas of the routes. */
import * as z from 'zod/mini'
import { everyRoute } from './api.ts'
import { type ErrorCode, errors, Problem } from './errors.ts'
import { exportTypes, isFileAnswer, operationOf, type Route } from './route.ts'

type Json = Record<string, unknown>

/** Builds the document. `version` is that of Gatehouse. */
export function makeOpenApi(version: string): Json {
  const paths: Record<string, Json> = {}
  for (const route of everyRoute) {
    const path = `/api${route.path.replace(/:([a-zA-Z]+)/g, '{$1}')}`
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version,
      description: 'The access console for MQTT: users, roles, authorities, and what the broker decides.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(everyRoute.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: jsonSchema(Problem, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-gatehouse' },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
  }
}

function operation(route: Route): Json {
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: accessInWords(route),
    ...(route.access !== 'anyone' && { security: security(route) }),
    ...(parameters(route).length > 0 && { parameters: parameters(route) }),
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(route.body, 'input') } } },
    }),
    responses: { ...success(route), ...failures(route) },
  }
}

function accessInWords(route: Route): string {
  const recent = route.recent ? ' Needs a proof of the password within the last ten minutes (tokens are exempt).' : ''
  if (route.access === 'anyone') return `Open to anyone.${recent}`
  if (route.access === 'signed-in') return `For whoever is signed in.${recent}`
  if (route.access === 'permitted') return `Needs the \`http\` permission to ${operationOf(route)} this path.${recent}`
  return `For sessions at stage ${route.access.map((stage) => `\`${stage}\``).join(', ')}.${recent}`
}

function security(route: Route): Json[] {
  const takesTokens = route.access === 'permitted' || route.tokens
  return takesTokens ? [{ session: [] }, { token: [] }] : [{ session: [] }]
}

function parameters(route: Route): Json[] {
  return [...parametersIn(route.params, 'path'), ...parametersIn(route.search, 'query')]
}

function parametersIn(schema: z.ZodMiniType | undefined, where: 'path' | 'query'): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: property,
  }))
}

function success(route: Route): Json {
  if (route.answer === null) return { 204: { description: 'Done' } }
  const content = isFileAnswer(route.answer)
    ? { [route.answer.file]: { schema: { type: 'string' } } }
    : { 'application/json': { schema: jsonSchema(route.answer, 'output') }, ...exportsOf(route) }
  return { [route.status ?? 200]: { description: 'Done', content } }
}

function exportsOf({ exports = [] }: Route): Json {
  return Object.fromEntries(exports.map((format) => [exportTypes[format], { schema: { type: 'string' } }]))
}

function failures(route: Route): Json {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of [...commonErrors(route), ...(route.errors ?? [])]) {
    const { status } = errors[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${errors[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

function commonErrors(route: Route): ErrorCode[] {
  return [
    ...(route.body || route.params || route.search ? (['invalid'] as const) : []),
    ...(route.body ? (['broken_json', 'too_large', 'unsupported_media_type'] as const) : []),
    ...(route.access === 'anyone' ? [] : (['not_signed_in', 'stage_not_allowed'] as const)),
    ...(route.access === 'permitted' ? (['not_permitted'] as const) : []),
    ...(route.recent ? (['proof_required'] as const) : []),
    ...(route.method === 'GET' ? [] : (['cross_site'] as const)),
  ]
}

function jsonSchema(schema: z.ZodMiniType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
