// What a reviewer may take out of the material: marked places of texts, and items of a list. Pure.
import type { Cut, Material, Spot } from '../../api/types';

/** Places that filters recognised, those that overlap as one. Code points, the end excluded. */
export interface Mark {
  readonly key: string;
  readonly item: number | null;
  readonly start: number;
  readonly end: number;
  readonly spots: readonly Spot[];
}

export interface Piece {
  readonly text: string;
  readonly mark: Mark | null;
}

export function marksOf(spots: readonly Spot[], item: number | null): readonly Mark[] {
  const own = spots.filter((spot) => spot.item === item).sort((a, b) => a.start - b.start);
  const found: { start: number; end: number; spots: Spot[] }[] = [];
  for (const spot of own) {
    const last = found.at(-1);
    if (last && spot.start < last.end) {
      last.end = Math.max(last.end, spot.end);
      last.spots.push(spot);
    } else {
      found.push({ start: spot.start, end: spot.end, spots: [spot] });
    }
  }
  return found.map(({ start, end, spots: of }) => ({
    key: `${item ?? ''}:${start}`,
    item,
    start,
    end,
    spots: of,
  }));
}

/** The text in pieces, marked and plain in turn. */
export function piecesOf(text: string, marks: readonly Mark[]): readonly Piece[] {
  // The server counts code points; a string of JavaScript is in UTF-16.
  const letters = Array.from(text);
  const pieces: Piece[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.start > at) pieces.push({ text: letters.slice(at, mark.start).join(''), mark: null });
    pieces.push({ text: letters.slice(mark.start, mark.end).join(''), mark });
    at = mark.end;
  }
  if (at < letters.length) pieces.push({ text: letters.slice(at).join(''), mark: null });
  return pieces;
}

/** A picture is one piece, and data has no places: of those only whole items of a list can go. */
export function isList({ type }: Material): boolean {
  return type.startsWith('list[');
}

export function sizeOf(material: Material): number {
  return Array.isArray(material.value) ? material.value.length : material.files.length;
}

export const itemKey = (item: number): string => `item ${item}`;

/** What is chosen at first: everything that was recognised. */
export function allMarks(material: Material): ReadonlySet<string> {
  const items = new Set(material.spots.map((spot) => spot.item));
  return new Set([...items].flatMap((item) => marksOf(material.spots, item).map(({ key }) => key)));
}

/** The cuts of a decision to redact; null when nothing is chosen, or when it cannot be redacted at all. */
export function cutsOf(material: Material, chosen: ReadonlySet<string>): readonly Cut[] | null {
  if (!isList(material)) {
    if (material.files.length > 0) return null;
    const marks = marksOf(material.spots, null);
    if (marks.length === 0) return [{ item: null, start: null, end: null }];
    return someOf(spansOf(marks, chosen));
  }
  const items = Array.from({ length: sizeOf(material) }, (_, item) => item);
  return someOf(
    items.flatMap((item): readonly Cut[] =>
      chosen.has(itemKey(item))
        ? [{ item, start: null, end: null }]
        : spansOf(marksOf(material.spots, item), chosen),
    ),
  );
}

function spansOf(marks: readonly Mark[], chosen: ReadonlySet<string>): readonly Cut[] {
  return marks.filter(({ key }) => chosen.has(key)).map(({ item, start, end }) => ({ item, start, end }));
}

function someOf(cuts: readonly Cut[]): readonly Cut[] | null {
  return cuts.length > 0 ? cuts : null;
}
