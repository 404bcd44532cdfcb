/**
 * A browser's own description of itself in words. It is only a hint, and deliberately vague in today's browsers
 * (User-Agent Reduction), so neither version nor device is read from it.
 */
import { t } from '@lingui/core/macro'

// In this order: most browsers claim to be several of the others as well.
const browsers: readonly [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Chrome|CriOS|Chromium|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/.+\bSafari\//, 'Safari'],
]

const systems: readonly [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** "Firefox on Linux"; for other programs their name, as they say it. */
export function userAgentWords(userAgent: string | null): string {
  if (!userAgent) return t`Unknown client`
  const browser = nameIn(browsers, userAgent)
  const system = nameIn(systems, userAgent)
  if (browser && system) return t`${browser} on ${system}`
  return browser ?? userAgent.split(/[\s/]/, 1)[0]?.slice(0, 40) ?? t`Unknown client`
}

function nameIn(names: readonly [RegExp, string][], userAgent: string): string | undefined {
  return names.find(([pattern]) => pattern.test(userAgent))?.[1]
}
