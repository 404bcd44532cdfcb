/**
 * The contract as an OpenAPI 3.1 document. Shapes come from the schemas of the routes, access and refusals from what
 * the server enforces, descriptions and examples from the `*.openapi.ts` files beside the routes.
 */
import { everyRoute } from '../api.ts'
import { type ErrorCode, errors, Problem } from '../errors.ts'
import { exportTypes, isFileAnswer, type Route } from '../route.ts'
import { answerExample, bodyExamples, exampleOf, fileExamples } from './examples.ts'
import { accessSentence, errorsOf } from './refusals.ts'
import { type Json, openSchemaBook, type SchemaBook } from './schemas.ts'
import { areas, introduction } from './words.ts'

/** Returns the document. `version` is the version of Gatehouse. */
export function makeOpenApi(version: string, book: SchemaBook = openSchemaBook()): Json {
  const paths: Record<string, Json> = {}
  for (const route of everyRoute) {
    const path = `/api${route.path.replace(/:([a-zA-Z]+)/g, '{$1}')}`
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operation(route, book)
  }
  book.write(Problem, 'output')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version,
      summary: 'The access console for MQTT',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(areas).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(book.components).toSorted(([a], [b]) => a.localeCompare(b))),
      examples: Object.fromEntries(everyError().map((code) => [code, problemExample(code)])),
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-gatehouse',
          description:
            'The session of a browser. On loopback without HTTPS the cookie is called `gatehouse`. Requests that change something also need the header `X-Requested-With: gatehouse`.',
        },
        token: { type: 'http', scheme: 'bearer', description: 'A token, for scripts. It acts for its user.' },
      },
    },
  }
}

function operation(route: Route, book: SchemaBook): Json {
  const parameters = [...parametersIn(route, 'path', book), ...parametersIn(route, 'query', book), ...ifMatch(route)]
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, accessSentence(route)].filter(Boolean).join('\n\n'),
    security: security(route),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: requestBody(route, book) }),
    responses: { ...success(route, book), ...failures(route) },
  }
}

function security(route: Route): Json[] {
  if (route.access === 'anyone') return []
  const takesTokens = route.access === 'permitted' || route.tokens
  return takesTokens ? [{ session: [] }, { token: [] }] : [{ session: [] }]
}

function parametersIn(route: Route, where: 'path' | 'query', book: SchemaBook): Json[] {
  const given = where === 'path' ? route.params : route.search
  if (!given) return []
  const { properties, required } = book.fieldsOf(given)
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: where,
    required: required.includes(name),
    // The example is part of the description: tools that fill in an `example` would filter by a value that does not
    // exist.
    description: [description, `Example: \`${String(exampleOf(property, book, { name }))}\`.`]
      .filter(Boolean)
      .join(' '),
    schema: property,
  }))
}

function ifMatch({ versioned, method }: Route): Json[] {
  if (!versioned || method === 'GET') return []
  const description =
    'The `version` that the caller has seen, as in the `ETag`: `"3"`, or several of them. The server refuses the request if there is a newer version.'
  return [{ name: 'If-Match', in: 'header', required: false, description, schema: { type: 'string' } }]
}

function requestBody(route: Route, book: SchemaBook): Json {
  if (!route.body) return {}
  const schema = book.write(route.body, 'input')
  const examples = Object.entries(bodyExamples(route.id, schema, book))
  return {
    required: true,
    content: {
      'application/json': {
        schema,
        examples: Object.fromEntries(examples.map(([title, value]) => [title, { value }])),
      },
    },
  }
}

function success(route: Route, book: SchemaBook): Json {
  if (route.answer === null) return { 204: { description: 'Done.' } }
  const answer = {
    description: route.status === 201 ? 'Created.' : 'Done.',
    ...(hasVersion(route, book) && {
      headers: {
        ETag: { description: 'The version of the answered object.', schema: { type: 'string', examples: ['"3"'] } },
      },
    }),
    content: { ...mainContent(route, route.answer, book), ...exportsOf(route) },
  }
  return { [route.status ?? 200]: answer }
}

function mainContent({ id, events }: Route, answer: NonNullable<Route['answer']>, book: SchemaBook): Json {
  if (isFileAnswer(answer)) return { [answer.file]: fileContent(answer.file) }
  const schema = book.write(answer, 'output')
  const mediaType = events ? 'text/event-stream' : 'application/json'
  return { [mediaType]: { schema, example: answerExample(id, schema, book) } }
}

function exportsOf({ exports = [] }: Route): Json {
  return Object.fromEntries(exports.map((format) => [exportTypes[format], fileContent(exportTypes[format])]))
}

/** The content of a file depends on its media type. */
function fileContent(mediaType: string): Json {
  const example = fileExamples[mediaType]
  return { schema: { type: 'string', contentMediaType: mediaType }, ...(example !== undefined && { example }) }
}

function hasVersion({ versioned, answer }: Route, book: SchemaBook): boolean {
  if (!versioned || answer === null || isFileAnswer(answer)) return false
  return 'version' in ((book.resolve(book.write(answer, 'output'))['properties'] as object | undefined) ?? {})
}

function failures(route: Route): Json {
  const byStatus = Map.groupBy(errorsOf(route), (code) => errors[code].status)
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, failure(status, codes)]))
}

function failure(status: number, codes: readonly ErrorCode[]): Json {
  return {
    description: codes.map((code) => `\`${code}\`: ${errors[code].title}.`).join(' '),
    ...(status === 429 && {
      headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', examples: [30] } } },
    }),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  }
}

function everyError(): ErrorCode[] {
  return [...new Set(everyRoute.flatMap(errorsOf))]
}

function problemExample(code: ErrorCode): Json {
  const { status, title } = errors[code]
  const requestId = '019d2a40-3b5e-7f18-9a2c-7d6e5f4a3b21'
  return { summary: title, value: { type: 'about:blank', title, status, code, requestId } }
}
