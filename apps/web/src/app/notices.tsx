/** The messages above every page of the console. */
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { BackupCodesNotice, ResetNotice } from '../identity/second-factors/factor-notices.tsx'
import { WorkNotice } from './work-notice.tsx'

export function Notices() {
  return (
    <>
      <ResetNotice>
        {' '}
        <Link to="/account/mfa">
          <Trans>Set it up again</Trans>
        </Link>
      </ResetNotice>
      <BackupCodesNotice />
      <WorkNotice />
    </>
  )
}
