/**
 * Leaves out of the browser's copy of the contract what only the server and OpenAPI use: the schemas of answers, which the client does
 * not check, and the descriptions. They are a tenth of the largest page.
 */

/** A property of a route, in the notation of the formatter: up to the next property, or to the end of the route. */
const property = (name: string) => new RegExp(`^ {4}${name}:\\s(?:(?!^ {4}[\\w/]|^ {2}\\}).*\\n)+`, 'gm')
const answer = property('answer')
const unused = [property('description'), property('errors'), property('status')]
/** Calls of zod/mini make a value and nothing else, so that the build may leave out a schema that nothing uses. */
const schemaCall = /(?<![\w$./])z\.\w+\(/g
/** The client needs them: no content, and files. */
const isNeeded = /^ {4}answer: (?:null|\{ file: )/

/** The source of a file of the contract without them. */
export function leaveOut(source: string): string {
  return unused
    .reduce((left, each) => left.replaceAll(each, ''), source)
    .replaceAll(schemaCall, (call) => `/* @__PURE__ */ ${call}`)
    .replaceAll(answer, (whole) => (isNeeded.test(whole) ? whole : '    answer: {},\n'))
}
