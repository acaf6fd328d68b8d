/** Numbers day by day as a small line. */
export function Spark({ days, label }: { days: number[]; label: string }) {
  const width = 96
  const height = 24
  const top = Math.max(1, ...days)
  const x = (i: number) => 2 + (i / Math.max(1, days.length - 1)) * (width - 4)
  const y = (n: number) => height - 3 - (n / top) * (height - 6)
  const line = days.map((n, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)} ${y(n).toFixed(1)}`).join('')
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: 'block' }}>
      <path d={`${line}L${x(days.length - 1)} ${height - 2}L2 ${height - 2}Z`} fill="var(--accent-soft)" />
      <path d={line} fill="none" stroke="var(--accent)" strokeWidth={1.5} strokeLinejoin="round" />
      <circle cx={x(days.length - 1)} cy={y(days[days.length - 1] ?? 0)} r={2} fill="var(--accent)" />
    </svg>
  )
}
