export function Logo({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" strokeLinecap="round" aria-hidden="true">
      <rect width="24" height="24" rx="5" fill="var(--ec-accent)" />
      <g stroke="var(--ec-on-accent)" strokeWidth="1.8">
        <path d="M5 12h4c3 0 3-4 6-4h1.500M9 12c3 0 3 4 6 4h1" />
        <circle cx="17.500" cy="8" r="1.200" fill="var(--ec-on-accent)" />
        <circle cx="17.800" cy="16" r="1.500" />
      </g>
    </svg>
  );
}
