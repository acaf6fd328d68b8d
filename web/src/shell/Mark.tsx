/** The mark: an H whose crossbar listens. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" style={{ flex: 'none' }}>
      <rect width="32" height="32" rx="8" fill="#0f5c5c" />
      <path d="M9 7v18M23 7v18M9 16c4-5 10 5 14 0" stroke="#fff" strokeWidth="3.2" fill="none" strokeLinecap="round" />
    </svg>
  )
}
