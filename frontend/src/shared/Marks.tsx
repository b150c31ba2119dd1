// The product's own two signs: the sluice gate over water, and the gate alone.
interface MarkProps {
  readonly size?: number;
  readonly title?: string;
}

/** The logo: a gate of slats between two posts, water passing beneath. */
export function Logo({ size = 24, title }: MarkProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="var(--sw-accent)"
      strokeWidth="2"
      strokeLinecap="square"
      role={title ? 'img' : undefined}
      aria-label={title}
      aria-hidden={title ? undefined : true}
    >
      <path d="M2.5 4h19M5 4v17M19 4v17M5 12.5h14" />
      <path d="M8.5 5v7M12 5v7M15.5 5v7" strokeWidth="1.6" strokeLinecap="butt" />
      <path
        d="M5.5 17.6c1.6-1.3 2.9-1.3 4.4-.2 1.5 1.1 2.8 1.1 4.3 0 1.5-1.1 2.7-1.1 4.3.2"
        strokeWidth="1.6"
      />
    </svg>
  );
}

/** The sign of a gate, in the colour of the text around it. */
export function GateMark({ size = 16, title }: MarkProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      role={title ? 'img' : undefined}
      aria-label={title}
      aria-hidden={title ? undefined : true}
    >
      <path d="M2 4h20M5 4v17M19 4v17M5 13.5h14" />
      <path d="M8.5 4v9.5M12 4v9.5M15.5 4v9.5" strokeWidth="1.5" />
    </svg>
  );
}
