import { beforeEach, describe, expect, it } from 'vitest';

import { currentGraph, useDocument } from '../document/store';
import { CATALOG, edge, graph, node } from '../document/testing';
import { useEditor } from '../state/editor';
import { followDocument, onNodesChange, useFlow } from './flowStore';

const drawing = graph([node('a', 'input.text'), node('b', 'text.generate')], [edge('a.text', 'b.prompt')]);

beforeEach(() => {
  useEditor.setState({ catalog: CATALOG });
  useDocument.getState().load(drawing);
  return followDocument();
});

describe('the cards', () => {
  it('follow the document, and stay the same objects where nothing changed', () => {
    const [first] = useFlow.getState().nodes;
    useDocument.getState().dispatch({ kind: 'setParam', node: 'b', param: 'x', value: 1 });
    expect(useFlow.getState().nodes[0]).toBe(first);
    expect(useFlow.getState().nodes[1]?.data.node.params).toEqual({ x: 1 });
  });

  it('tell the document of a drag only when it ends, as one undo step', () => {
    const { nodes: before } = currentGraph();
    for (const x of [10, 20, 30]) {
      onNodesChange([{ type: 'position', id: 'a', position: { x, y: 0 }, dragging: true }]);
    }
    expect(currentGraph().nodes).toBe(before);
    onNodesChange([{ type: 'position', id: 'a', position: { x: 30.4, y: 0 }, dragging: false }]);
    expect(currentGraph().nodes[0]?.position).toEqual({ x: 30, y: 0 });
    expect(useDocument.getState().history.undo).toHaveLength(1);
  });

  it('make one undo step of several arrow keys', () => {
    for (const x of [5, 10, 15]) onNodesChange([{ type: 'position', id: 'a', position: { x, y: 0 } }]);
    expect(useDocument.getState().history.undo).toHaveLength(1);
    useDocument.getState().undo();
    expect(currentGraph()).toEqual(drawing);
  });

  it('never remove a node by themselves', () => {
    onNodesChange([{ type: 'remove', id: 'a' }]);
    expect(currentGraph()).toBe(drawing);
  });

  it('forget a selected node that is gone', () => {
    useDocument.getState().select(['a', 'b']);
    useDocument.getState().dispatch({ kind: 'removeNode', id: 'a' });
    expect([...useDocument.getState().selection.nodes]).toEqual(['b']);
  });
});
