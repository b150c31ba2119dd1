// Where a gate's pill stands between the ports that it guards; pure arithmetic.
import type { Point } from '../document/graph';

export interface Anchor {
  /** The pill's middle. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Too little room for words: only the sign and the state. */
  readonly compact: boolean;
}

export const PILL_HEIGHT = 46;
/** Without words it is a sign on the wire. */
export const COMPACT_HEIGHT = 32;
/** Wire that must show beside a pill, both sides together. */
const LEAST_WIRE = 12;
const LEAST_FAN = 44;
const COMPACT = 58;
const MOST = 170;
/** Room for three kinds of action under the name. */
const LEAST = 100;
/** Padding, sign, state and the gaps between. */
const FURNITURE = 67;
const LEAD = 20;
/** Air between a card and what stands on it. */
const ABOVE = 6;

export function anchorOf(sources: readonly Point[], targets: readonly Point[], wish: number): Anchor | null {
  const [firstSource] = sources;
  const [firstTarget] = targets;
  if (!firstSource || !firstTarget) return null;
  const left = Math.max(...sources.map((point) => point.x));
  const right = Math.min(...targets.map((point) => point.x));
  // Where wires meet or part, they need room to bend.
  const wire = sources.length > 1 || targets.length > 1 ? LEAST_FAN : LEAST_WIRE;
  const compact = right - left < wish + wire;
  const width = compact ? COMPACT : wish;
  if (sources.length === 1 && targets.length === 1) {
    return { x: (left + right) / 2, y: (firstSource.y + firstTarget.y) / 2, width, compact };
  }
  // Several readers: once after the source, then fan out. Several writers: once before the reader.
  const room = Math.max(right - left - width, 0);
  const lead = Math.min(LEAD, room / 2);
  return targets.length > 1
    ? { x: left + lead + width / 2, y: mean(sources), width, compact }
    : { x: right - lead - width / 2, y: firstTarget.y, width, compact };
}

/** The gate of a setting is on no wire: it stands on the card that has the setting, the second above the first. */
export function anchorAbove(card: Point, width: number, wish: number, place: number): Anchor {
  const y = card.y - ABOVE - PILL_HEIGHT / 2 - place * (PILL_HEIGHT + ABOVE);
  return { x: card.x + width / 2, y, width: Math.min(wish, width), compact: false };
}

function mean(points: readonly Point[]): number {
  return points.reduce((sum, point) => sum + point.y, 0) / points.length;
}

/** How wide a name is at 12 px and weight 600, near enough: a Chinese character takes the room of two letters. */
export function pillWidth(name: string): number {
  const letters = Array.from(name).reduce((sum, letter) => sum + (letter > '\u2e80' ? 12.5 : 7.1), 0);
  return Math.min(MOST, Math.max(LEAST, Math.ceil(letters) + FURNITURE));
}
