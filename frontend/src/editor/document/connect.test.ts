import { describe, expect, it } from 'vitest';

import { mayConnect } from './connect';
import { CATALOG, edge, end, graph, node } from './testing';

const text = node('t', 'input.text');
const picture = node('p', 'input.image');
const model = node('m', 'text.generate');
const second = node('n', 'text.generate');

function reason(doc: ReturnType<typeof graph>, source: string, target: string): string | null {
  const verdict = mayConnect(doc, CATALOG, end(source), end(target));
  return verdict.ok ? null : verdict.reason.en;
}

describe('a connection', () => {
  it('between fitting ports is allowed', () => {
    expect(mayConnect(graph([text, model]), CATALOG, end('t.text'), end('m.prompt'))).toEqual({
      ok: true,
      replaces: [],
    });
  });

  it('is refused with the published reason', () => {
    expect(reason(graph([picture, model]), 'p.image', 'm.prompt')).toBe('image is not text');
  });

  it('to itself, twice, or in a circle is refused', () => {
    const doc = graph([text, model, second], [edge('m.text', 'n.prompt'), edge('t.text', 'm.prompt')]);
    expect(reason(doc, 'm.text', 'm.prompt')).toMatch(/itself/);
    expect(reason(doc, 't.text', 'm.prompt')).toMatch(/already connected/);
    expect(reason(doc, 'n.text', 'm.prompt')).toMatch(/circle/);
  });

  it('to a port that is gone is refused', () => {
    const prompt = node('q', 'prompt.template', { template: '' });
    expect(reason(graph([text, prompt]), 't.text', 'q.gone')).toMatch(/no longer/);
  });

  it('replaces what a single input holds', () => {
    const doc = graph([text, node('u', 'input.text'), model], [edge('t.text', 'm.prompt', 'old')]);
    expect(mayConnect(doc, CATALOG, end('u.text'), end('m.prompt'))).toEqual({ ok: true, replaces: ['old'] });
  });

  it('joins the others at an input that collects', () => {
    const doc = graph([text, node('u', 'input.text'), node('j', 'text.join')], [edge('t.text', 'j.texts')]);
    expect(mayConnect(doc, CATALOG, end('u.text'), end('j.texts'))).toEqual({ ok: true, replaces: [] });
  });

  it('stands beside another that comes from the opposite branch, also further down', () => {
    const nodes = [text, node('i', 'control.if'), model, second, node('o', 'output.text')];
    const edges = [edge('t.text', 'i.value'), edge('i.yes', 'm.prompt'), edge('i.no', 'n.prompt')];
    const doc = graph(nodes, [...edges, edge('m.text', 'o.text', 'kept')]);
    expect(mayConnect(doc, CATALOG, end('n.text'), end('o.text'))).toEqual({ ok: true, replaces: [] });
    expect(mayConnect(doc, CATALOG, end('t.text'), end('o.text'))).toEqual({ ok: true, replaces: ['kept'] });
  });

  it('fits a node whose `any` was bound by another type no more', () => {
    const doc = graph([picture, node('i', 'control.if'), model], [edge('p.image', 'i.value')]);
    expect(reason(doc, 'i.yes', 'm.prompt')).toBe('image is not text');
  });
});
