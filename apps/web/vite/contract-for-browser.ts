/**
 * Leaves out of the browser's copy of the contract what only the server and OpenAPI use: the schemas of answers, which the client does
 * not check, and the descriptions. They are a tenth of the largest page.
 */

/** A property of a route, in the notation of the formatter: up to the next property, or to the end of the route. */
const property = (name: string) => new RegExp(`^ {4}${name}:\\s(?:(?!^ {4}[\\w/]|^ {2}\\}).*\\n)+`, 'gm')
const answer = property('answer')
const unused = [property('description'), property('errors'), property('status')]
/** A constant that a schema is in: up to the next line that begins with something else than its end. */
const schemaConstant = /^((?:export )?const \w+ = )(?!defineRoutes|\(|function)(.*(?:\n[ )\]}].*)*)$/gm
/** The client needs them: no content, and files. */
const isNeeded = /^ {4}answer: (?:null|\{ file: )/

const body = property('body')
const featureOrRoute = /^export const (\w+) = defineRoutes\(|^ {2}(\w+): \{\n(?:.*\n)*?^ {2}\},?$/gm

/** The source of a file of the contract without them. It has the schemas of bodies, which `ownBodies` takes out of the pages. */
export function leaveOut(source: string): string {
  return unused
    .reduce((left, each) => left.replaceAll(each, ''), source)
    .replaceAll(schemaConstant, leavable)
    .replaceAll(answer, (whole) => (isNeeded.test(whole) ? whole : '    answer: {},\n'))
}

/** Making a schema does nothing else, so the build may leave out one that nothing uses. */
function leavable(whole: string, constant: string, value: string): string {
  return /\bz\.|\.check\(/.test(value) ? `${constant}/* @__PURE__ */ (() => (${value}))()` : whole
}

/** A form loads the schema of its body when it opens, so that pages do without. `name`: of the file. */
export function ownBodies(source: string, name: string): string {
  let feature = ''
  return source.replaceAll(featureOrRoute, (whole, named: string | undefined, verb: string | undefined) => {
    feature = named ?? feature
    if (verb === undefined) return whole
    return whole.replace(
      body,
      `    body: () => import('./${name}?bodies').then((all) => all.${feature}.${verb}.body),\n`,
    )
  })
}

/**
 * The file with the schemas. What it imports comes from such files too: the build puts a file that a page imports into the page, with
 * all that others use of it.
 */
export function withBodies(source: string): string {
  return source.replaceAll(/ from '(\.{1,2}\/[\w./-]+\.ts)'/g, " from '$1?bodies'")
}
