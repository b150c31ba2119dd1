// The counts of a preview, over all the pages that have been asked for.
import type { PolicyPreview } from '../../api/types';

export type Counts = PolicyPreview['counts'];
export type Count = keyof Counts;

/** The worst first. */
export const COUNTS: readonly Count[] = [
  'stops',
  'withholds',
  'gains',
  'loses',
  'changes',
  'labels',
  'previews',
  'needs',
  'mends',
  'broken',
  'stays',
];

export function countsOf(pages: readonly PolicyPreview[]): Counts {
  const sum = (name: Count): number => pages.reduce((total, page) => total + page.counts[name], 0);
  return {
    gains: sum('gains'),
    loses: sum('loses'),
    changes: sum('changes'),
    labels: sum('labels'),
    previews: sum('previews'),
    stops: sum('stops'),
    needs: sum('needs'),
    withholds: sum('withholds'),
    mends: sum('mends'),
    broken: sum('broken'),
    stays: sum('stays'),
  };
}
