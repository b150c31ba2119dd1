import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { apply } from './apply';
import { type Command, CommandError } from './command';
import type { Graph, GraphNode } from './graph';
import { begin, record, redo, undo } from './history';
import { portsOf } from './ports';
import { CATALOG, edge, graph, node } from './testing';

const position = fc.record({
  x: fc.integer({ min: -500, max: 500 }),
  y: fc.integer({ min: -500, max: 500 }),
});
const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()));

const documents: fc.Arbitrary<Graph> = fc
  .record({
    count: fc.integer({ min: 2, max: 7 }),
    wires: fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 10 }),
    positions: fc.array(fc.option(position), { minLength: 7, maxLength: 7 }),
    params: fc.array(fc.dictionary(fc.constantFrom('name', 'model', 'seed'), value), {
      minLength: 7,
      maxLength: 7,
    }),
  })
  .map(({ count, wires, positions, params }) => {
    const nodes = Array.from({ length: count }, (_none, index): GraphNode => {
      const bare = { id: `n${index}`, type: 'text.generate', version: 1, params: params[index] ?? {} };
      const at = positions[index];
      return { ...bare, ...(at && { position: at }), ...(index % 2 && { title: `Node ${index}` }) };
    });
    const edges = wires.map(([a, b], index) =>
      edge(`n${a % count}.text`, `n${b % count}.prompt`, `e${index}`),
    );
    return graph(nodes, edges);
  });

/** What to do, as numbers: turned into a command that fits whatever the document then is. */
const wishes = fc.record({
  a: fc.nat(50),
  b: fc.nat(50),
  at: fc.option(position),
  value: fc.option(value, { nil: undefined }),
  title: fc.option(fc.string(), { nil: undefined }),
});
type Wish = typeof wishes extends fc.Arbitrary<infer T> ? T : never;

const KINDS = [
  'addNode',
  'removeNode',
  'addEdge',
  'removeEdge',
  'moveNodes',
  'setParam',
  'renameNode',
] as const;

function commandOf(
  kind: (typeof KINDS)[number],
  doc: Graph,
  { a, b, at, value: to, title }: Wish,
): Command | null {
  const one = doc.nodes[a % doc.nodes.length]?.id;
  const other = doc.nodes[b % doc.nodes.length]?.id;
  const wire = doc.edges[a % doc.edges.length]?.id;
  if (kind === 'addNode') {
    return { kind, node: node(`new${doc.nodes.length}`, 'input.text'), index: b % (doc.nodes.length + 1) };
  }
  if (kind === 'removeEdge') return wire === undefined ? null : { kind, id: wire };
  if (one === undefined || other === undefined) return null;
  switch (kind) {
    case 'removeNode':
      return { kind, id: one };
    case 'addEdge':
      return { kind, edge: edge(`${one}.text`, `${other}.prompt`, `w${doc.edges.length}`), index: 0 };
    case 'moveNodes':
      return { kind, positions: { [one]: at, [other]: at } };
    case 'setParam':
      return { kind, node: one, param: b % 2 ? 'name' : 'fresh', ...(to !== undefined && { value: to }) };
    case 'renameNode':
      return { kind, node: one, ...(title !== undefined && { title }) };
  }
}

/** A walk of commands, each made for the document that the ones before it have left. */
function walk(doc: Graph, steps: readonly (readonly [(typeof KINDS)[number], Wish])[]): Command[] {
  const commands: Command[] = [];
  let current = doc;
  for (const [kind, wish] of steps) {
    const command = commandOf(kind, current, wish);
    const clash =
      (command?.kind === 'addNode' && current.nodes.some((item) => item.id === command.node.id)) ||
      (command?.kind === 'addEdge' && current.edges.some((item) => item.id === command.edge.id));
    if (!command || clash) continue;
    current = apply(current, command).doc;
    commands.push(command);
  }
  return commands;
}

const walks = fc.array(fc.tuple(fc.constantFrom(...KINDS), wishes), { maxLength: 10 });

function asJson<T>(thing: T): T {
  return JSON.parse(JSON.stringify(thing)) as T;
}

describe('every command', () => {
  for (const kind of KINDS) {
    it(`${kind}, then its inverse, gives the same document, also after a trip through JSON`, () => {
      fc.assert(
        fc.property(documents, wishes, (doc, wish) => {
          const command = commandOf(kind, doc, wish);
          fc.pre(command !== null);
          const before = asJson(doc);
          const there = apply(doc, asJson(command));
          expect(doc).toEqual(before);
          expect(apply(there.doc, asJson(there.inverse)).doc).toEqual(doc);
        }),
      );
    });
  }

  it('in any sequence is undone in one batch, and redone by the inverse of that', () => {
    fc.assert(
      fc.property(documents, walks, (doc, steps) => {
        const there = apply(doc, { kind: 'batch', commands: walk(doc, steps) });
        const back = apply(there.doc, there.inverse);
        expect(back.doc).toEqual(doc);
        expect(apply(back.doc, back.inverse).doc).toEqual(there.doc);
      }),
    );
  });

  it('in any sequence walks back and forth through undo and redo, joined or not', () => {
    fc.assert(
      fc.property(
        documents,
        walks,
        fc.infiniteStream(fc.constantFrom(null, 'drag', 'type')),
        (doc, steps, keys) => {
          const done = walk(doc, steps).reduce(
            (before, command) => record(before, command, keys.next().value as string | null),
            begin(doc),
          );
          let history = done;
          while (history.undo.length > 0) history = undo(history);
          expect(history.doc).toEqual(doc);
          while (history.redo.length > 0) history = redo(history);
          expect(history.doc).toEqual(done.doc);
        },
      ),
    );
  });
});

describe('a command that does not fit', () => {
  const doc = graph([node('a', 'input.text')]);
  const wrong: Command[] = [
    { kind: 'addNode', node: node('a', 'input.text') },
    { kind: 'removeNode', id: 'ghost' },
    { kind: 'removeEdge', id: 'ghost' },
    { kind: 'addEdge', edge: edge('a.text', 'ghost.prompt') },
    { kind: 'moveNodes', positions: { ghost: { x: 0, y: 0 } } },
    { kind: 'setParam', node: 'ghost', param: 'x', value: 1 },
    { kind: 'renameNode', node: 'ghost', title: 'x' },
  ];
  for (const command of wrong) {
    it(`${command.kind} is refused loudly`, () => {
      expect(() => apply(doc, command)).toThrow(CommandError);
    });
  }
});

describe('how often a node is tried again', () => {
  it('is said in the third format, and taken back to the first', () => {
    const doc = graph([node('a', 'input.text')]);
    const value = { times: 2, wait: 4, longest: 60 };
    const { doc: said, inverse } = apply(doc, { kind: 'setRetry', node: 'a', value });
    expect([said.format, said.nodes[0]?.retry]).toEqual([3, value]);
    expect(apply(said, inverse).doc).toEqual(doc);
  });
});

describe('what happens when a node fails', () => {
  const doc = graph([node('a', 'input.text')]);
  const value = { do: 'branch', text: 'no' } as const;

  it('is said in the second format, and taken back to the first', () => {
    const { doc: said, inverse } = apply(doc, { kind: 'setOnError', node: 'a', value });
    expect([said.format, said.nodes[0]?.on_error]).toEqual([2, value]);
    expect(apply(said, inverse).doc).toEqual(doc);
    expect(
      apply(doc, { kind: 'addNode', node: { ...node('b', 'input.text'), on_error: value } }).doc.format,
    ).toBe(2);
  });

  it('is a port of its own where it is a way', () => {
    const { doc: said } = apply(doc, { kind: 'setOnError', node: 'a', value });
    const spec = CATALOG.specs.get('input.text');
    const names = (drawn: typeof doc) =>
      drawn.nodes.flatMap((one) => portsOf(one, spec).outputs.map((port) => port.name));
    expect([names(doc), names(said)]).toEqual([['text'], ['text', 'error']]);
  });
});
