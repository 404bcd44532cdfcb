/**
 * The contract as an OpenAPI 3.1 document. Nothing is written twice: shapes come from the schemas of the routes, access and
 * refusals from what the server enforces, sentences from `openapi-words.ts`, examples from `openapi-examples.ts`.
 */
import { everyRoute } from '../api.ts'
import { type ErrorCode, errors, Problem } from '../errors.ts'
import { exportTypes, isFileAnswer, type Route } from '../route.ts'
import { answerExample, bodyExamples, exampleOf, fileExamples } from './examples.ts'
import { accessSentence, errorsOf } from './refusals.ts'
import { type Json, openSchemaBook, type SchemaBook } from './schemas.ts'
import { areas, introduction } from './words.ts'

/** Builds the document. `version` is that of Gatehouse. */
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
            'A browser that has signed in. Without HTTPS, on loopback, the cookie is called `gatehouse`. Whatever changes something needs the header `X-Requested-With: gatehouse` as well.',
        },
        token: { type: 'http', scheme: 'bearer', description: 'A token of the user in whose name a script acts.' },
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
    // In words: a tool that fills an example in for one would ask for what is not there.
    description: [description, `Such as \`${String(exampleOf(property, book, { name }))}\`.`].filter(Boolean).join(' '),
    schema: property,
  }))
}

function ifMatch({ versioned, method }: Route): Json[] {
  if (!versioned || method === 'GET') return []
  const description =
    'The `version` that the caller has seen, as in its `ETag`: `"3"`, or several of them. Refused where there is a newer one.'
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
  if (route.answer === null) return { 204: { description: 'Done; there is nothing to say.' } }
  const answer = {
    description: route.status === 201 ? 'Made.' : 'Done.',
    ...(hasVersion(route, book) && {
      headers: {
        ETag: { description: 'The version of what is answered.', schema: { type: 'string', examples: ['"3"'] } },
      },
    }),
    content: { ...mainContent(route, route.answer, book), ...exportsOf(route) },
  }
  return { [route.status ?? 200]: answer }
}

function mainContent({ id }: Route, answer: NonNullable<Route['answer']>, book: SchemaBook): Json {
  if (isFileAnswer(answer)) return { [answer.file]: fileContent(answer.file) }
  const schema = book.write(answer, 'output')
  return { 'application/json': { schema, example: answerExample(id, schema, book) } }
}

function exportsOf({ exports = [] }: Route): Json {
  return Object.fromEntries(exports.map((format) => [exportTypes[format], fileContent(exportTypes[format])]))
}

/** What stands in a file is told by its type. */
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
