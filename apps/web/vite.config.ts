import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { messages } from './vite/messages-plugin.ts'
import { packedFiles } from './vite/packed-files.ts'
import { pagePreloads } from './vite/page-preloads.ts'

/** The build makes `dist/<language>`, once for each language. `GATEHOUSE_LANGUAGE=de npm run dev` shows the German. */
const language = process.env['GATEHOUSE_LANGUAGE'] ?? 'en'
// Swagger UI has no translations.
const pages = language === 'en' ? ['index.html', 'api-reference.html'] : ['index.html']

/** Where `vite` alone finds the API. The request's origin becomes the API's own, or it would be refused as foreign. */
const api = 'http://127.0.0.1:8080'

const formParts =
  /@mantine\/form|@mantine\/core\/esm\/components\/Modal|react-remove-scroll|fast-deep-equal|klona|src\/ui\/(dialog|form-dialog|route-form|edit-form|edit-conflict|edit-conflict-panel|differences|merge)\.tsx?$/

function isSharedByPages(id: string): boolean {
  return /src\/(ui|app|api)\//.test(id) && !formParts.test(id)
}

/**
 * Each file costs a request with a kilobyte of headers, and compresses worse than a part of a larger one. So there is one file
 * for the sign-in page, one for the console around the pages, and what several pages use is put together.
 */
const fewFiles = [
  { name: 'start', test: /src\/app\/main\.tsx$/, priority: 4 },
  { name: 'console', test: /src\/app\/console-app\.tsx$/, priority: 3 },
  // What only dialogs and forms need. A page loads it when one opens.
  { name: 'forms', test: formParts, minShareCount: 2, priority: 1.5 },
  // Forms and other pages use it. Within the forms it would bring them along.
  { name: 'segmented', test: /SegmentedControl|FloatingIndicator/, priority: 2.5 },
  { name: 'lists', test: /src\/ui\/(data-table|filters)\.tsx$/, priority: 2 },
  { name: 'icons', test: /@tabler/, minShareCount: 2, priority: 2 },
  { name: 'contract', test: /packages\/contract\/.*\.ts$/, minShareCount: 2, priority: 2 },
  // What the schemas of bodies share. Each form loads those of its feature.
  { name: 'bodies', test: /\?bodies$/, minShareCount: 4, priority: 2 },
  { name: 'ui', test: isSharedByPages, minShareCount: 6, priority: 2 },
  { name: 'part', minShareCount: 2, priority: 1, entriesAware: true },
]

/** A part is named after all files that use it, and with an ending where it is a style sheet. */
function shortName(name: string): string {
  return name.replace(/[~.].*$/, '')
}

export default defineConfig({
  plugins: [messages(language), react(), pagePreloads(), packedFiles()],
  build: {
    outDir: `dist/${language}`,
    target: 'es2024',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The policy of the page allows files of its own origin and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Two pages: the console, and the API's reference, which shares nothing with it.
      input: pages.map((page) => join(import.meta.dirname, page)),
      output: {
        codeSplitting: { groups: fewFiles },
        chunkFileNames: ({ name }) => `assets/${shortName(name)}-[hash].js`,
        assetFileNames: ({ names: [name = 'asset'] }) => `assets/${shortName(name)}-[hash][extname]`,
      },
    },
    chunkSizeWarningLimit: 2_000,
  },
  server: { proxy: { '/api': { target: api, changeOrigin: true, headers: { origin: api } } } },
})
