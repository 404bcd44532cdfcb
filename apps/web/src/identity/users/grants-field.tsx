/** "Signs in with": each way a switch, and whether it is required. */

import type { GrantMethod, GrantType } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Checkbox, Switch } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { ReactNode } from 'react'
import { formatList } from '../../messages/format.ts'
import { HelpLink, type LoadHelp } from '../../ui/help.tsx'
import classes from './grants-field.module.css'
import { methodIcons } from './method-icons.ts'
import { methodNames } from './user-impact.ts'

const methods = ['password', 'certificate', 'token'] as const

const loadHelp: LoadHelp = () => import('./help.ts').then(({ grantsHelp }) => grantsHelp)

/** Sorts grants in the order of the switches, so that off and on again is no change. */
export function inOrder(grants: readonly GrantType[]): GrantType[] {
  return methods.flatMap((method) => grants.filter((grant) => grant.method === method))
}

/** `own-account`: grants can be added, and the existing ones cannot be changed. */
export type Freedom = 'all' | 'own-account' | 'none'

interface GrantsFieldProps {
  form: UseFormReturnType<{ grantTypes: GrantType[] }>
  freedom: Freedom
  passwordNote: string
  /** Says what a certificate must be like, while it is on. */
  certificateNote: ReactNode
}

export function GrantsField({ form, freedom, passwordNote, certificateNote }: GrantsFieldProps) {
  const { grantTypes } = form.values
  const notes = { password: passwordNote, certificate: t`For devices, over TLS`, token: t`For scripts and services` }
  const initial = form.getInitialValues().grantTypes

  function set(method: GrantMethod, next: GrantType | undefined): void {
    const others = grantTypes.filter((held) => held.method !== method)
    form.setFieldValue('grantTypes', inOrder(next ? [...others, next] : others))
  }

  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Signs in with</Trans>
      </legend>
      <div className={classes['grants']}>
        {methods.map((method) => {
          const Glyph = methodIcons[method]
          const grant = grantTypes.find((held) => held.method === method)
          const isHeld = initial.some((held) => held.method === method)
          return (
            <div key={method} className={classes['grant']} data-on={grant !== undefined}>
              <Glyph size={18} stroke={1.6} aria-hidden />
              <div className={classes['words']}>
                <div className={classes['name']}>{methodNames[method]}</div>
                <div className={classes['note']}>
                  {method === 'certificate' && grant ? certificateNote : notes[method]}
                </div>
              </div>
              {grant && method !== 'token' && (
                <Checkbox
                  className={classes['required'] ?? ''}
                  size="xs"
                  label={t`required`}
                  aria-label={t`${methodNames[method]} required`}
                  disabled={freedom !== 'all'}
                  checked={grant.isRequired}
                  onChange={(event) => set(method, { method, isRequired: event.currentTarget.checked })}
                />
              )}
              <Switch
                classNames={{ input: classes['switch'] ?? '' }}
                aria-label={methodNames[method]}
                disabled={freedom === 'none' || (freedom === 'own-account' && isHeld)}
                checked={grant !== undefined}
                onChange={(event) =>
                  set(method, event.currentTarget.checked ? { method, isRequired: false } : undefined)
                }
              />
            </div>
          )
        })}
      </div>
      <div className={classes['note']}>
        {rule(grantTypes)} <HelpLink about={t`Signs in with`} load={loadHelp} />
      </div>
    </fieldset>
  )
}

/** Explains the combination of grants. */
function rule(grants: readonly GrantType[]): string {
  const required = grants.filter(({ isRequired }) => isRequired).map(({ method }) => method)
  if (grants.length === 0) return t`No sign-in method enabled.`
  if (required.length === 0) return t`On MQTT any one of them is enough.`
  const demand = t`On MQTT the client must send ${formatList(required.map((method) => methodNames[method]))} in the same connection.`
  return required.includes('certificate') ? t`${demand} Signing in to the console is then not possible.` : demand
}
