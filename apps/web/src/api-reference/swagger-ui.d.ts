/** As much of it as is used here: the package brings no types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface Request {
    headers: Record<string, string>
  }
  interface Options {
    url: string
    domNode: Element
    deepLinking: boolean
    plugins: ((system: { React: { createElement: (tag: 'span', props: null, text: string) => unknown } }) => object)[]
    docExpansion: 'list'
    defaultModelsExpandDepth: number
    validatorUrl: null
    queryConfigEnabled: boolean
    requestInterceptor: (request: Request) => Request
  }
  // oxlint-disable-next-line import/no-default-export -- it describes how the package exports it
  export default function showReference(options: Options): void
}
