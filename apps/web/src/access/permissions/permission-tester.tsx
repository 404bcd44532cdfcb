/** Tries permissions out as they stand in the form, saved or not: the broker and the API judge by the same function. */

import { judge } from '@gatehouse/contract/access/decision'
import { Permission } from '@gatehouse/contract/access/permission'
import { Trans } from '@lingui/react/macro'
import { AccessAnswer, QuestionFields, questionOf, useAsking } from './access-question.tsx'
import classes from './permissions-field.module.css'

export function PermissionTester({ permissions }: { permissions: readonly Permission[] }) {
  const [asking, ask] = useAsking()
  const question = questionOf(asking)
  // A row that is being typed allows nothing yet.
  const lines = permissions.filter((each) => Permission.safeParse(each).success)
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Test</Trans>
      </legend>
      <div className={classes['tester']}>
        <QuestionFields asking={asking} onAsk={ask} />
        <AccessAnswer verdict={question && judge(lines, question)} />
      </div>
    </fieldset>
  )
}
