import { describe, expect, it } from 'vitest';

import { apply } from './apply';
import { connect, insertPiece, newNode, piece, removeAll, setParam } from './build';
import { fromText, toText } from './clipboard';
import { CATALOG, edge, end, graph, node } from './testing';

const chain = graph(
  [
    node('t', 'input.text', { name: 'text' }),
    node('m', 'text.generate'),
    node('o', 'output.text', { name: 'text' }),
  ],
  [edge('t.text', 'm.prompt'), edge('m.text', 'o.text')],
);

function specOf(type: string) {
  const spec = CATALOG.specs.get(type);
  if (!spec) throw new Error(type);
  return spec;
}

describe('adding', () => {
  it('gives a second input a name of its own', () => {
    const added = newNode(chain, specOf('input.text'), { x: 1.4, y: 2.6 });
    expect(added.params.name).toBe('text_2');
    expect(added.position).toEqual({ x: 1, y: 3 });
  });

  it('lets an input and an output share a name', () => {
    expect(
      newNode(graph([node('o', 'output.text', { name: 'text' })]), specOf('input.text'), { x: 0, y: 0 })
        .params.name,
    ).toBe('text');
  });
});

describe('connecting', () => {
  it('replaces a wire in one step', () => {
    const doc = graph([...chain.nodes, node('u', 'input.text')], chain.edges);
    const command = connect(doc, CATALOG, end('u.text'), end('m.prompt'));
    const after = apply(doc, command ?? { kind: 'batch', commands: [] }).doc;
    expect(after.edges.filter((item) => item.target.node === 'm').map((item) => item.source.node)).toEqual([
      'u',
    ]);
  });

  it('makes nothing of an impossible wish', () => {
    expect(connect(chain, CATALOG, end('m.text'), end('m.prompt'))).toBeNull();
  });
});

describe('removing', () => {
  it('takes nodes with their wires, and loose wires once', () => {
    const command = removeAll(chain, new Set(['m']), new Set(['t_text-m_prompt']));
    const after = apply(chain, command ?? { kind: 'batch', commands: [] });
    expect(after.doc.nodes.map((item) => item.id)).toEqual(['t', 'o']);
    expect(after.doc.edges).toEqual([]);
    expect(apply(after.doc, after.inverse).doc).toEqual(chain);
  });
});

describe('copying', () => {
  it('survives the clipboard, with new ids and unique names', () => {
    const copied = fromText(toText(piece(chain, new Set(['t', 'm']))));
    if (!copied) throw new Error('our own text was not read');
    const { command, ids } = insertPiece(chain, copied, { x: 24, y: 24 });
    const after = apply(chain, command).doc;
    expect(after.nodes).toHaveLength(5);
    expect(new Set(after.nodes.map((item) => item.id)).size).toBe(5);
    expect(after.nodes.find((item) => item.id === ids[0])?.params.name).toBe('text_2');
    expect(after.edges.at(-1)?.source.node).toBe(ids[0]);
    expect(after.edges.at(-1)?.target.node).toBe(ids[1]);
  });

  it("reads nobody else's text", () => {
    const ours = toText(piece(chain, new Set(['t'])));
    for (const text of [
      '',
      'hello',
      '{}',
      '[]',
      '{"clipboard":"sluiceway/nodes"}',
      ours.replace('"t"', '"bad id!"'),
      ours.slice(1),
    ]) {
      expect(fromText(text)).toBeNull();
    }
  });
});

describe('a param that ports grow from', () => {
  it('takes the wire along when a placeholder is renamed letter by letter', () => {
    const prompt = node('p', 'prompt.template', { template: 'Hi {{name}}' });
    const doc = graph([chain.nodes[0] ?? prompt, prompt], [edge('t.text', 'p.name')]);
    const command = setParam(doc, specOf('prompt.template'), prompt, 'template', 'Hi {{nam}}');
    const after = apply(doc, command);
    expect(after.doc.edges[0]?.target.port).toBe('nam');
    expect(apply(after.doc, after.inverse).doc).toEqual(doc);
  });

  it('moves wires up when a line above is taken out', () => {
    const fork = node('s', 'control.switch', { cases: ['a', 'b', 'c'] });
    const doc = graph([fork, node('m', 'text.generate')], [edge('s.case_3', 'm.prompt')]);
    const after = apply(doc, setParam(doc, specOf('control.switch'), fork, 'cases', ['a', 'c'])).doc;
    expect(after.edges[0]?.source.port).toBe('case_2');
  });
});
