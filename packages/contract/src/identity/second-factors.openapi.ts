/** Examples of the second-factor routes. */
import { made } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    Code: '492039',
    BackupCode: 'K7QF-9M2XW-TR4HD',
    backupCodes: ['K7QF-9M2XW-TR4HD', 'P3LC-6V8YN-BG5SA'],
    backupCodesLeft: 8,
    enabled: true,
    required: false,
    enrolledAt: made,
    secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    otpauthUri: 'otpauth://totp/Gatehouse:maria?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Gatehouse',
    reason: 'Lost phone; identity checked in person',
  },
}
