// How the canvas shows everything, and how fast it moves there.
export const FIT = { maxZoom: 1, padding: 0.05 } as const;
export const GLIDE = { duration: 160 } as const;
