// What a person is trying. It lives as long as the page: nothing of it is remembered by the browser.
import { create } from 'zustand';

import { NOTHING, type Material } from '../../shared/trial/material';
import { setUi } from '../state/ui';
import { ANY_PERSON } from './choices';

interface Trying {
  readonly material: Material;
  /** The id of a gate, or one of `ANY_…`. */
  readonly which: string;
  /** Grows when somebody asks to try a gate: the panel then takes the focus. */
  readonly asked: number;
}

const FIRST: Trying = { which: ANY_PERSON, material: NOTHING, asked: 0 };

export const useTrying = create<Trying>()(() => FIRST);

export function setTrying(change: Partial<Trying>): void {
  useTrying.setState(change);
}

export function setMaterial(change: Partial<Material>): void {
  useTrying.setState(({ material }) => ({ material: { ...material, ...change } }));
}

/** From a gate's card: opens the panel with this gate chosen. */
export function tryGate(id: string): void {
  setUi({ openGate: null, drawer: true, drawerTab: 'try' });
  useTrying.setState(({ asked }) => ({ which: id, asked: asked + 1 }));
}

export function forgetTrying(): void {
  useTrying.setState(FIRST);
}
