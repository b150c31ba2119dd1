// What a card looks like from outside: its ports with the types they carry, and where each stands.
import type { Catalog } from '../document/spec';
import type { Graph, GraphNode } from '../document/graph';
import { boundType, drawnPorts, itemOf, type Port, type Side } from '../document/ports';

export interface Shape {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Equal keys, equal looks: a card is drawn again only when this changes. */
  readonly key: string;
}

export const CARD_WIDTH = 192;
export const HEAD = 34;
const ROW = 24;
const PICTURE = 110;
const FIRST_ROW = 22;
/** Ports are placed within the card's border. */
const BORDER = 1;

export function shapeOf(graph: Graph, catalog: Catalog, node: GraphNode): Shape {
  const ports = drawnPorts(graph, node, catalog.specs.get(node.type));
  const bind = (side: Side) => (port: Port) =>
    itemOf(port.type) === 'any' && !port.gone
      ? { ...port, type: boundType(graph, catalog, { node: node.id, port: port.name }, side) }
      : port;
  const inputs = ports.inputs.map(bind('inputs'));
  const outputs = ports.outputs.map(bind('outputs'));
  return { inputs, outputs, key: JSON.stringify([inputs, outputs]) };
}

/** With one port at most on a side, its meaning is plain, and its name is only in the tooltip. */
export function isLabelled(shape: Shape): boolean {
  return shape.inputs.length > 1 || shape.outputs.length > 1;
}

/** Pixels from the card's top to the middle of a port. */
export function portY(index: number): number {
  return HEAD + FIRST_ROW + ROW * index;
}

export function rowsHeight(shape: Shape): number {
  return isLabelled(shape) ? Math.max(shape.inputs.length, shape.outputs.length) * ROW + 12 : 0;
}

/** Where a port is on the canvas, for a card at `at`. */
export function portPoint(
  at: { x: number; y: number },
  shape: Shape,
  side: Side,
  name: string,
  width = CARD_WIDTH,
) {
  const index = Math.max(
    0,
    shape[side].findIndex((port) => port.name === name),
  );
  return { x: at.x + (side === 'outputs' ? width : 0), y: at.y + BORDER + portY(index) };
}

/** The height to make room for: a card that will show a picture grows by it when a run is on. */
export function guessedHeight(shape: Shape): number {
  const pictures = [...shape.inputs, ...shape.outputs].some((port) => itemOf(port.type) === 'image');
  return HEAD + rowsHeight(shape) + 76 + (pictures ? PICTURE : 0);
}

export function portColour(type: string): string {
  return `var(--sw-port-${itemOf(type)})`;
}
