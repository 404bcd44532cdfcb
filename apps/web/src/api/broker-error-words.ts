/** The messages for refusals about brokers and their listeners. */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { t } from '@lingui/core/macro'
import type { ErrorWords } from './error-text.ts'

export const brokerErrorWords = {
  listener_refused: {
    title: t`The listener cannot work with these settings.`,
    advice: t`Nothing was changed. Correct the marked fields.`,
  },
  authority_not_limitable: {
    title: t`This broker would accept any username from this CA.`,
    advice: t`A CA with a username limit cannot be deployed, and neither can a CA above it. Nothing was changed.`,
  },
  too_many_listeners: {
    title: t`There are too many listeners.`,
    advice: t`Delete one that is not needed. Nothing was changed.`,
  },

  console_role: {
    title: t`A rule gives no role with permissions in the console.`,
    advice: t`Nothing was changed. Choose roles with permissions on topics only.`,
  },
  too_many_admission_rules: {
    title: t`There are too many admission rules.`,
    advice: t`Delete one that is not needed. Nothing was changed.`,
  },
  too_many_denied_devices: {
    title: t`Too many names are denied.`,
    advice: t`Allow names again that are not needed. Nothing was changed.`,
  },

  broker_refused: {
    title: t`The broker cannot be connected with these settings.`,
    advice: t`Nothing was changed. Correct the marked fields.`,
  },
  broker_away: {
    title: t`The broker is not connected.`,
    advice: t`Nothing was changed. Try again when it is reachable.`,
  },
  broker_running: {
    title: t`The broker is running.`,
    advice: t`Stop it first: it would overwrite the file. Nothing was changed.`,
  },
  file_refused: {
    title: t`The file cannot be written.`,
    advice: t`It must be a file of the plugin below a folder of GATEHOUSE_BROKER_FOLDERS. Nothing was changed.`,
  },
  too_many_brokers: {
    title: t`There are too many brokers.`,
    advice: t`Remove one that is not needed. Nothing was changed.`,
  },

  no_enforcer_listener: {
    title: t`The console has no address for agents yet.`,
    advice: t`Set GATEHOUSE_ENFORCERS_HOST and GATEHOUSE_ENFORCERS_PORT on the server and start it again.`,
  },
  no_enforcer_kind: {
    title: t`This broker has no agent.`,
    advice: t`Only a Mosquitto on another host has one. Nothing was changed.`,
  },

  upstream_refused: {
    title: t`The upstream cannot work with these settings.`,
    advice: t`Nothing was changed. Correct the marked fields.`,
  },
  upstream_in_use: {
    title: t`A listener serves this upstream.`,
    advice: t`Change or delete the listener first. Nothing was deleted.`,
  },
  too_many_upstreams: {
    title: t`There are too many upstreams.`,
    advice: t`Delete one that is not needed. Nothing was changed.`,
  },
} satisfies Partial<Record<ErrorCode, ErrorWords>>
