/**
 * Lighthouse, from the folder that the environment variable LIGHTHOUSE names. It is not a dependency (decision 51 says
 * why): install it there with `npm install lighthouse@13.5.0`.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { browserPath } from '../../e2e/support/browser.ts'

export type Device = 'desktop' | 'mobile'

/** `score`: 0 to 100. `parts`: the metrics that it is made of, in milliseconds, except the layout shift. */
export interface Score {
  score: number
  parts: Record<string, number>
}

const metrics = {
  FCP: 'first-contentful-paint',
  LCP: 'largest-contentful-paint',
  SI: 'speed-index',
  TBT: 'total-blocking-time',
  CLS: 'cumulative-layout-shift',
}

interface Core {
  default: (url: string, flags: object, config?: object) => Promise<{ lhr: Result } | undefined>
  desktopConfig: object
}

interface Result {
  categories: { performance: { score: number | null } }
  audits: Record<string, { numericValue?: number }>
  runtimeError?: { message: string }
}

interface Launcher {
  launch(options: object): Promise<{ port: number; kill(): void }>
}

export class Lighthouse {
  readonly #core: Core
  readonly #launcher: Launcher

  private constructor(core: Core, launcher: Launcher) {
    this.#core = core
    this.#launcher = launcher
  }

  /** Null: the environment names no folder. */
  static async open(): Promise<Lighthouse | null> {
    const folder = process.env['LIGHTHOUSE']
    if (!folder) return null
    const bring = (file: string): Promise<unknown> => import(pathToFileURL(resolve(folder, 'node_modules', file)).href)
    const core = (await bring('lighthouse/core/index.js')) as Core
    return new Lighthouse(core, (await bring('chrome-launcher/dist/index.js')) as Launcher)
  }

  /** One run in a new browser, with simulated throttling. */
  async measure(url: string, device: Device, cookie: string | null): Promise<Score> {
    const chrome = await this.#launcher.launch({
      ...(browserPath && { chromePath: browserPath }),
      chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu'],
    })
    try {
      const flags = {
        port: chrome.port,
        logLevel: 'error',
        onlyCategories: ['performance'],
        ...(cookie !== null && { extraHeaders: { Cookie: cookie } }),
      }
      const run = await this.#core.default(url, flags, device === 'desktop' ? this.#core.desktopConfig : undefined)
      if (!run || run.lhr.runtimeError) throw new Error(run?.lhr.runtimeError?.message ?? 'Lighthouse gave no result')
      return toScore(run.lhr)
    } finally {
      chrome.kill()
    }
  }
}

function toScore({ categories, audits }: Result): Score {
  const parts = Object.entries(metrics).map(([name, id]) => [name, audits[id]?.numericValue ?? Number.NaN])
  return { score: Math.round((categories.performance.score ?? 0) * 100), parts: Object.fromEntries(parts) }
}
