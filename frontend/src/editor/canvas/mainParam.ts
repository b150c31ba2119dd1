// The one setting that tells a node from its neighbours: what it calls, else its text, its choice or its name.
import type { Words } from '../../api/types';
import type { GraphNode } from '../document/graph';
import { calleeOf } from '../document/calls';
import { type NodeSpec, type Param, paramOf } from '../document/spec';

const ORDER: readonly Param['kind'][] = ['multiline', 'lines', 'choice', 'text'];
/** A name is for programs; the label that people read comes last. */
const NAMES = new Set(['name', 'label']);
const LONGEST = 160;

export interface MainText {
  readonly text: string;
  /** Set like code: a template with its placeholders. */
  readonly mono: boolean;
}

export function mainText(
  node: GraphNode,
  spec: NodeSpec | undefined,
  words: (words: Words) => string,
): MainText | null {
  if (!spec) return null;
  const callee = calleeOf(node, spec);
  if (callee) return { text: callee.name, mono: false };
  for (const kind of ORDER) {
    for (const param of spec.params) {
      if (param.kind !== kind || param.advanced || NAMES.has(param.name)) continue;
      // Lines that are ports stand beside their rings already.
      if (kind === 'lines' && spec.dynamic?.param === param.name) continue;
      const text = textOf(paramOf(node, spec, param.name), param, words);
      if (text)
        return {
          text: text.slice(0, LONGEST),
          mono: spec.dynamic?.param === param.name && kind === 'multiline',
        };
    }
  }
  const label = paramOf(node, spec, 'label');
  return typeof label === 'string' && label !== '' ? { text: label, mono: false } : null;
}

function textOf(value: unknown, param: Param, words: (words: Words) => string): string {
  if (Array.isArray(value)) return value.filter((line) => line !== '').join(' · ');
  if (value === null || value === undefined || value === '') return '';
  const choice = param.choices?.find((candidate) => candidate.value === value);
  if (choice) return words(choice.title);
  return typeof value === 'string' && value.trim() !== '' ? value : '';
}
