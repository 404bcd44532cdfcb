/** What the agent gets from its machine. The console sends none of this: no path, no process, no address, no command. */
import { resolve } from 'node:path'
import * as z from 'zod/mini'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import type { ProxyEnvironment } from '../../platform/outbound/outbound-fetch.ts'

const path = z.string().check(z.refine((text) => text.startsWith('/'), 'an absolute path'))
const controlUrl = z.string().check(z.refine(isControlUrl, 'an address such as mqtt://127.0.0.1:1884'))

const Variables = z.object({
  GATEHOUSE_AGENT_STATE_DIR: z._default(z.string(), './agent-state'),
  GATEHOUSE_AGENT_TOKEN: z.optional(z.string()),
  GATEHOUSE_AGENT_CAPATH: z.optional(path),
  GATEHOUSE_AGENT_CRL_FILE: z.optional(path),
  GATEHOUSE_AGENT_PID_FILE: z.optional(path),
  GATEHOUSE_AGENT_DYNSEC_FILE: z.optional(path),
  GATEHOUSE_AGENT_CONTROL_URL: z._default(controlUrl, 'mqtt://127.0.0.1:1883'),
  GATEHOUSE_AGENT_CONTROL_CA: z.optional(path),
  GATEHOUSE_AGENT_CONTROL_USERNAME: z.optional(z.string()),
  GATEHOUSE_AGENT_CONTROL_PASSWORD_FILE: z.optional(path),
  GATEHOUSE_LOG_LEVEL: z._default(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']), 'info'),
})

export interface AgentSettings {
  /** Absolute. */
  stateDir: string
  /** For the enrolment. */
  token: string | null
  /** Null: Gatehouse writes no CA certificates. */
  capath: string | null
  crlFile: string | null
  pidFile: string | null
  /** For `first-load` only. */
  dynsecFile: string | null
  control: {
    host: string
    port: number
    tls: boolean
    /** File of the CA that signs the broker's certificate. */
    caFile: string | null
    username: string | null
    passwordFile: string | null
  }
  logLevel: string
  /** On the way to the console. */
  proxy: ProxyEnvironment
}

/** Throws `BadSettings` with a line for each wrong variable. */
export function readAgentSettings(
  env: Record<string, string | undefined>,
  proxy: ProxyEnvironment = {},
): AgentSettings {
  const given = Object.entries(env).filter(([name, value]) => /^GATEHOUSE_(AGENT_|LOG_)/.test(name) && value !== '')
  const unknown = given.filter(([name]) => !(name in Variables.shape)).map(([name]) => `${name}: no such setting`)
  const parsed = Variables.safeParse(Object.fromEntries(given))
  const wrong = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  if (!parsed.success || unknown.length > 0) throw new BadSettings([...unknown, ...wrong])
  return { ...arrange(parsed.data), proxy }
}

function arrange(given: z.output<typeof Variables>): Omit<AgentSettings, 'proxy'> {
  const { protocol, hostname, port } = new URL(given.GATEHOUSE_AGENT_CONTROL_URL)
  const tls = protocol === 'mqtts:'
  return {
    stateDir: resolve(given.GATEHOUSE_AGENT_STATE_DIR),
    token: given.GATEHOUSE_AGENT_TOKEN ?? null,
    capath: given.GATEHOUSE_AGENT_CAPATH ?? null,
    crlFile: given.GATEHOUSE_AGENT_CRL_FILE ?? null,
    pidFile: given.GATEHOUSE_AGENT_PID_FILE ?? null,
    dynsecFile: given.GATEHOUSE_AGENT_DYNSEC_FILE ?? null,
    control: {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (tls ? 8883 : 1883) : Number(port),
      tls,
      caFile: given.GATEHOUSE_AGENT_CONTROL_CA ?? null,
      username: given.GATEHOUSE_AGENT_CONTROL_USERNAME ?? null,
      passwordFile: given.GATEHOUSE_AGENT_CONTROL_PASSWORD_FILE ?? null,
    },
    logLevel: given.GATEHOUSE_LOG_LEVEL,
  }
}

function isControlUrl(text: string): boolean {
  return /^mqtts?:\/\/[^/?#@\s\\]+$/.test(text) && URL.canParse(text)
}
