// How the canvas shows everything, and how fast it moves there.
export const FIT = { maxZoom: 1, padding: 0.05 } as const;
/** A drawing too wide to be read as a whole opens larger, to be moved. */
export const OPENING = { ...FIT, minZoom: 0.6 } as const;
export const GLIDE = { duration: 160 } as const;
