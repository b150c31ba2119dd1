import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { Json } from './graph';
import { boundType, drawnPorts, dynamicPorts } from './ports';
import { CATALOG, edge, end, graph, node } from './testing';

interface Vectors {
  placeholders: { case: string; value: string; ports: string[] }[];
  lines: { case: string; value: Json; ports: { name: string; title: string }[] }[];
}

// The same file is read by the server's tests: both sides must grow the same ports.
const vectors = JSON.parse(readFileSync('../tests/vectors/dynamic_ports.json', 'utf8')) as Vectors;

describe('ports that grow from placeholders', () => {
  for (const vector of vectors.placeholders) {
    it(vector.case, () => {
      expect(dynamicPorts('placeholders', vector.value).map((port) => port.name)).toEqual(vector.ports);
    });
  }
});

describe('ports that grow from lines', () => {
  for (const vector of vectors.lines) {
    it(vector.case, () => {
      const grown = dynamicPorts('lines', vector.value);
      expect(grown.map((port) => ({ name: port.name, title: port.title.en }))).toEqual(vector.ports);
    });
  }
});

describe('ports of a placed node', () => {
  it('keeps showing a port that a wire still hangs on', () => {
    const prompt = node('p', 'prompt.template', { template: '{{tone}}' });
    const doc = graph([node('q', 'input.text'), prompt], [edge('q.text', 'p.question')]);
    const { inputs } = drawnPorts(doc, prompt, CATALOG.specs.get('prompt.template'));
    expect(inputs.map((port) => [port.name, port.gone ?? false])).toEqual([
      ['tone', false],
      ['question', true],
    ]);
  });

  it('binds `any` to what arrives, through a chain of such nodes', () => {
    const doc = graph(
      [node('p', 'input.image'), node('i', 'control.if'), node('j', 'control.if')],
      [edge('p.image', 'i.value'), edge('i.yes', 'j.value')],
    );
    expect(boundType(doc, CATALOG, end('j.no'), 'outputs')).toBe('image');
    expect(boundType(graph(doc.nodes), CATALOG, end('j.no'), 'outputs')).toBe('any');
  });

  it('binds `any` to what it feeds when nothing arrives yet', () => {
    const doc = graph([node('i', 'control.if'), node('o', 'output.text')], [edge('i.yes', 'o.text')]);
    expect(boundType(doc, CATALOG, end('i.value'), 'inputs')).toBe('text');
  });
});
