// Nodes as clipboard text: JSON that another tab, window or person can paste; read with distrust.

import type { Piece } from './build';
import type { End, GraphEdge, GraphNode, Json, Point } from './graph';
import { MAX_EDGES, MAX_NODES } from './graph';
import type { OnError } from './onError';
import type { Retry } from './retry';

const MARK = 'sluiceway/nodes';
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const LONGEST = 2_000_000;

export function toText(piece: Piece): string {
  return JSON.stringify({ clipboard: MARK, format: 1, ...piece }, null, 1);
}

/** The piece, or null when the text is not one of ours (any other text is somebody else's clipboard). */
export function fromText(text: string): Piece | null {
  if (text.length > LONGEST || !text.includes(MARK)) return null;
  const raw = parsed(text);
  if (!isRecord(raw) || raw.clipboard !== MARK || raw.format !== 1) return null;
  const { nodes, edges } = raw;
  if (!Array.isArray(nodes) || !Array.isArray(edges) || nodes.length > MAX_NODES || edges.length > MAX_EDGES)
    return null;
  const piece = { nodes: nodes.map(readNode), edges: edges.map(readEdge) };
  return piece.nodes.every((node) => node !== null) && piece.edges.every((edge) => edge !== null)
    ? (piece as Piece)
    : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readNode(raw: unknown): GraphNode | null {
  if (!isRecord(raw) || !isId(raw.id) || typeof raw.type !== 'string' || !Number.isInteger(raw.version))
    return null;
  if (!isRecord(raw.params)) return null;
  const node = {
    id: raw.id,
    type: raw.type,
    version: raw.version as number,
    params: raw.params as Record<string, Json>,
  };
  const position = readPoint(raw.position);
  return {
    ...node,
    ...(typeof raw.title === 'string' && { title: raw.title }),
    ...(position && { position }),
    ...(isOnError(raw.on_error) && { on_error: raw.on_error }),
    ...(isRetry(raw.retry) && { retry: raw.retry }),
  };
}

function isOnError(raw: unknown): raw is OnError {
  if (!isRecord(raw)) return false;
  return raw.do === 'branch' ? typeof raw.text === 'string' : raw.do === 'default' && isRecord(raw.values);
}

function isRetry(raw: unknown): raw is Retry {
  return isRecord(raw) && [raw.times, raw.wait, raw.longest].every(Number.isFinite);
}

function readEdge(raw: unknown): GraphEdge | null {
  if (!isRecord(raw) || !isId(raw.id)) return null;
  const source = readEnd(raw.source);
  const target = readEnd(raw.target);
  return source && target ? { id: raw.id, source, target } : null;
}

function readEnd(raw: unknown): End | null {
  return isRecord(raw) && isId(raw.node) && typeof raw.port === 'string'
    ? { node: raw.node, port: raw.port }
    : null;
}

function readPoint(raw: unknown): Point | null {
  return isRecord(raw) && Number.isFinite(raw.x) && Number.isFinite(raw.y)
    ? { x: raw.x as number, y: raw.y as number }
    : null;
}

function isRecord(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

function isId(raw: unknown): raw is string {
  return typeof raw === 'string' && ID.test(raw);
}
