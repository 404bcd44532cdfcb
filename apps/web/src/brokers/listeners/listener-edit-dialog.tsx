import { listeners, type StoredListener } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { Answer } from '@gatehouse/contract/route'
import { plural, t } from '@lingui/core/macro'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
import { disconnectedWords } from '../../ui/consequences.ts'
import { type EditForm, useEditForm } from '../../ui/edit-form.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { authorityChoicesQuery, shortFingerprint } from './authority-choices.ts'
import { ListenerFields } from './listener-fields.tsx'
import { useProblems } from './listener-problems.tsx'
import { type ListenerValues, toBody, toValues } from './listener-values.ts'
import { connectedWords, placeOf, whyNotOpen } from './listener-words.ts'
import { listenerQuery } from './search.ts'

export function ListenerEdit({ id }: { id: string }) {
  const go = useNavigateTo()
  const { can, whyNot } = useSession()
  const { data: known } = useQuery({ ...authorityChoicesQuery(), enabled: can(authorities.list) })
  const names = new Map(known?.items.map(({ fingerprint, name }) => [fingerprint, name]))
  const readOnly = whyNot(listeners.update, { id })
  const edit = useEditForm(listenerQuery(id), listeners.update, {
    toValues,
    toReadable: ({ trustedAuthorities }: StoredListener) => ({
      trustedAuthorities: (trustedAuthorities ?? []).map((each) => names.get(each) ?? shortFingerprint(each)),
      serverCertificate: null,
    }),
    toInput: (values) => ({ params: { id }, body: toBody(values, { keepsOwn: true }) }),
    readOnly,
    onDone: (listener) => toast({ message: savedWords(listener) }),
    onClose: () => go(withSearch({ edit: undefined })),
  })
  const { held } = edit
  const { problems, disconnects } = useProblems(edit.form, { id, isEnabled: !readOnly })
  return (
    <FormDialog
      title={readOnly ? t`Listener` : t`Edit listener`}
      subtitle={`${held.name} · ${placeOf(held)}`}
      note={<output>{consequenceWords(edit, disconnects)}</output>}
      of={edit}
      submit={t`Save`}
    >
      {(form) => <ListenerFields form={form} problems={problems} listener={held} isReadOnly={readOnly !== undefined} />}
    </FormDialog>
  )
}

/** What saving ends. `disconnects` null: not known yet, or the broker does not answer. */
function consequenceWords(
  { form, current }: EditForm<StoredListener, ListenerValues>,
  disconnects: number | null,
): string {
  const { connections } = current.status
  if (!form.isDirty() || !connections) return connectedWords(connections)
  if (disconnects === null) {
    return plural(connections, {
      one: '# connection. It ends if the new settings do not admit it.',
      other: '# connections. Those that the new settings do not admit end.',
    })
  }
  if (disconnects >= connections) {
    return plural(connections, { one: '# connection ends.', other: 'All # connections end.' })
  }
  if (disconnects === 0) return t`No connection ends.`
  return plural(disconnects, {
    one: `# of ${connections} connections ends.`,
    other: `# of ${connections} connections end.`,
  })
}

function savedWords(listener: Answer<typeof listeners.update>): string {
  const { name } = listener
  const why = whyNotOpen(listener)
  const saved = why ? t`Listener ${name} saved, but it is not open: ${why}` : t`Listener ${name} saved.`
  return `${saved} ${disconnectedWords({ disconnected: listener.disconnected })}`
}
