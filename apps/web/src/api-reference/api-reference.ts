/** The API's reference at /api/docs: a page without the console, open to everybody, as the document itself is. */
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import 'swagger-ui-dist/swagger-ui.css'
import showReference from 'swagger-ui-dist/swagger-ui-es-bundle.js'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import '../app/theme.css'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name; after theirs, which it corrects
import './api-reference.css'
import { completeForReaders, withoutLinksInButtons } from './for-readers.ts'

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

/** As it was chosen in the console (Mantine keeps it there), else as the system has it. */
function followChoice(): void {
  const chosen = localStorage.getItem('mantine-color-scheme-value')
  const isDark = chosen === 'dark' || (chosen !== 'light' && systemIsDark.matches)
  document.documentElement.dataset['mantineColorScheme'] = isDark ? 'dark' : 'light'
  document.documentElement.classList.toggle('dark-mode', isDark)
}

systemIsDark.addEventListener('change', followChoice)
followChoice()

const place = document.getElementById('reference')
if (!place) throw new Error('The page has no place for the reference')
completeForReaders(place)
showReference({
  url: '/api/openapi.json',
  domNode: place,
  deepLinking: true,
  plugins: [withoutLinksInButtons],
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  // Would send the document's address to somebody else.
  validatorUrl: null,
  // Nothing that a link says may point this page at another document.
  queryConfigEnabled: false,
  // What a signed-in browser tries out is meant: the same header as the console's own calls.
  requestInterceptor: (request) => {
    request.headers['X-Requested-With'] = 'gatehouse'
    return request
  },
})
