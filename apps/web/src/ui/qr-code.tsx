/** A QR code, drawn in the browser, so that its secret is not sent anywhere. Black on white in every colour scheme: phones cannot read others. */
import { encodeQR } from 'qr'
import classes from './qr-code.module.css'

/** Four modules of white around it, ISO/IEC 18004 §5.3.8. */
const quietZone = 4

export function QrCode({ text, label }: { text: string; label: string }) {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: quietZone })
  return (
    <svg
      role="img"
      aria-label={label}
      className={classes['qr']}
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      shapeRendering="crispEdges"
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={rows.flatMap(darkOf).join('')} fill="#000" />
    </svg>
  )
}

/** The dark modules of a row, each a square of one by one. */
function darkOf(row: readonly boolean[], y: number): string[] {
  return row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))
}
