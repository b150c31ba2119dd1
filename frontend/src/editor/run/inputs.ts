// What a run is started with: the values of the form, remembered by the browser for each workflow.
import { create } from 'zustand';

import type { Argument, Id, Json } from '../../api/types';
import { defaultsOf, type Problems, type Values } from '../../pages/workflowApp/inputs';

interface InputsState {
  /** What the person has filled in; the rest is the workflow's defaults. */
  readonly filled: Values;
  readonly problems: Problems;
  /** How often a start was refused; the form puts the cursor on the first problem each time. */
  readonly refusals: number;
}

export const useInputs = create<InputsState>()(() => ({ filled: {}, problems: {}, refusals: 0 }));

const keyOf = (workflow: Id): string => `sluiceway.inputs.${workflow}`;

export function recallInputs(workflow: Id): void {
  useInputs.setState({ filled: readFilled(workflow), problems: {} });
}

export function refuse(problems: Problems): void {
  useInputs.setState(({ refusals }) => ({ problems, refusals: refusals + 1 }));
}

function readFilled(workflow: Id): Values {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(workflow)) ?? '{}');
    return typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? (kept as Values) : {};
  } catch {
    return {}; // Nothing was remembered that could be read.
  }
}

export function setInput(workflow: Id, name: string, value: Json): void {
  useInputs.setState(({ filled, problems }) => ({
    filled: { ...filled, [name]: value },
    problems: Object.fromEntries(Object.entries(problems).filter(([other]) => other !== name)),
  }));
  try {
    localStorage.setItem(keyOf(workflow), JSON.stringify(useInputs.getState().filled));
  } catch {
    // Not remembered then.
  }
}

/** What the form shows and the run gets: the person's own values where they still fit, else the defaults. */
export function valuesOf(inputs: readonly Argument[], filled: Values): Values {
  const defaults = defaultsOf(inputs);
  return Object.fromEntries(
    inputs.map((input) => {
      const own = filled[input.name];
      return [input.name, own !== undefined && fits(own, input) ? own : (defaults[input.name] ?? null)];
    }),
  );
}

/** Types whose value is a text: itself, or the id of a file. */
const STRINGS = new Set(['text', 'image', 'audio', 'document']);

/** A remembered value of another type belongs to an earlier drawing. */
function fits(value: Json, { type }: Argument): boolean {
  if (value === null) return true;
  if (type === 'number') return typeof value === 'number';
  if (type === 'boolean') return typeof value === 'boolean';
  return STRINGS.has(type) ? typeof value === 'string' : true;
}
