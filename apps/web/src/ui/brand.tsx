import classes from './brand.module.css'

/** The mark and the name. */
export function Brand() {
  return (
    <span className={classes['brand']}>
      <svg
        viewBox="0 0 24 24"
        width="24"
        height="24"
        aria-hidden
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        <path d="M4 21V11a8 8 0 0 1 16 0v10M4 14h16M2.5 21h19M9.3 21V4M14.7 21V4" />
      </svg>
      Gatehouse
    </span>
  )
}
