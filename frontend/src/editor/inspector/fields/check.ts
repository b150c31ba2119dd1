// What is wrong with a setting, as far as the browser can tell. The value stays as it was typed.
import type { Json, Param } from '../../../api/types';

export type Fault =
  | { readonly key: 'editor.fault_missing' }
  | { readonly key: 'editor.least'; readonly bound: number }
  | { readonly key: 'editor.most'; readonly bound: number }
  | { readonly key: 'editor.fault_whole' }
  | { readonly key: 'editor.fault_choice' }
  | { readonly key: 'editor.fault_long'; readonly bound: number };

export function faultOf(param: Param, value: Json | undefined): Fault | null {
  if (value === undefined || isEmpty(value)) return param.required ? { key: 'editor.fault_missing' } : null;
  if (typeof value === 'number') return numberFault(param, value);
  if (param.choices && !param.choices.some((choice) => choice.value === value))
    return { key: 'editor.fault_choice' };
  if (typeof value === 'string' && Array.from(value).length > param.max_length) {
    return { key: 'editor.fault_long', bound: param.max_length };
  }
  return null;
}

function numberFault({ kind, minimum, maximum }: Param, value: number): Fault | null {
  if (kind === 'integer' && !Number.isInteger(value)) return { key: 'editor.fault_whole' };
  if (minimum !== null && value < minimum) return { key: 'editor.least', bound: minimum };
  if (maximum !== null && value > maximum) return { key: 'editor.most', bound: maximum };
  return null;
}

function isEmpty(value: Json): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
