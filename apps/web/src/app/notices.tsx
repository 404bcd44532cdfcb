/** The messages above every page of the console. */
import { Link } from '@tanstack/react-router'
import { BackupCodesNotice, ResetNotice } from '../identity/second-factors/factor-notices.tsx'
import { WorkNotice } from './work-notice.tsx'

export function Notices() {
  return (
    <>
      <ResetNotice>
        {' '}
        <Link to="/settings/mfa">Set it up again</Link>
      </ResetNotice>
      <BackupCodesNotice />
      <WorkNotice />
    </>
  )
}
