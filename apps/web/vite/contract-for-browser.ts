/**
 * Makes the browser's copy of the contract. It has no schemas of answers and no descriptions, which only the server and OpenAPI use, and
 * a form loads the schema of its body when it opens (decision 100). Together they are a tenth of the largest page.
 */

/** A property of a route, in the notation of the formatter: up to the next property, or to the end of the route. */
const property = (name: string) => new RegExp(`^ {4}${name}:\\s(?:(?!^ {4}[\\w/]|^ {2}\\}).*\\n)+`, 'gm')
const answer = property('answer')
const unused = [property('description'), property('errors'), property('status')]
/** The declaration of a constant, up to the next statement. */
const schemaConstant = /^((?:export )?const \w+ = )(?!defineRoutes|\(|function)(.*(?:\n[ )\]}].*)*)$/gm
/** The client needs them: no content, and files. */
const isNeeded = /^ {4}answer: (?:null|\{ file: )/

const body = property('body')
const featureOrRoute = /^export const (\w+) = defineRoutes\(|^ {2}(\w+): \{\n(?:.*\n)*?^ {2}\},?$/gm

/** Returns the source of a file of the contract without answers and descriptions, but still with the schemas of bodies. */
export function leaveOut(source: string): string {
  return unused
    .reduce((left, each) => left.replaceAll(each, ''), source)
    .replaceAll(schemaConstant, leavable)
    .replaceAll(answer, (whole) => (isNeeded.test(whole) ? whole : '    answer: {},\n'))
}

/** Marks a schema as free of side effects, with all that is called on it. Then the build leaves it out where nothing uses it. */
function leavable(whole: string, constant: string, value: string): string {
  return /\bz\.|\.check\(/.test(value) ? `${constant}/* @__PURE__ */ (() => (${value}))()` : whole
}

/** Replaces the schema of each body by a function that loads it. `name`: the file name of the source. */
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
 * Returns the source of the file that `ownBodies` loads from. It imports only such files. If it imported one that a page has too, the
 * build would put all that this file uses of it into the page.
 */
export function withBodies(source: string): string {
  return source.replaceAll(/ from '(\.{1,2}\/[\w./-]+\.ts)'/g, " from '$1?bodies'")
}
