// What the server says, as the contract has it.
import type { Language, Words } from '../i18n/message';

export type { Words } from '../i18n/message';
export type Id = string;
export type Iso = string;
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Page<T> {
  readonly results: readonly T[];
  readonly next: string | null;
}

// ---- people ----
export type Role = 'owner' | 'editor' | 'viewer';
export interface User {
  readonly id: Id;
  readonly name: string;
  readonly email: string;
  readonly is_admin: boolean;
}
export interface Workspace {
  readonly id: Id;
  readonly name: string;
  readonly role: Role;
}
export type ServerLanguage = 'en' | 'zh-hans';
export interface Session {
  readonly user: User | null;
  readonly workspaces: readonly Workspace[];
  readonly language: ServerLanguage;
  readonly version: string;
}
export const languageFrom = (server: ServerLanguage): Language => (server === 'zh-hans' ? 'zh' : 'en');
export const languageTo = (language: Language): ServerLanguage => (language === 'zh' ? 'zh-hans' : 'en');

// ---- graphs ----
export interface PortRef {
  readonly node: string;
  readonly port: string;
}
export interface GraphNode {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly title?: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly position?: { readonly x: number; readonly y: number };
}
export interface GraphEdge {
  readonly id: string;
  readonly source: PortRef;
  readonly target: PortRef;
}
export interface Graph {
  readonly format: 1;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
export interface Issue {
  readonly code: string;
  readonly message: Words;
  readonly hint: Words | null;
  readonly node: string | null;
  readonly port: string | null;
  readonly param: string | null;
  readonly edge: string | null;
  readonly severity: 'error' | 'warning';
}

// ---- node types ----
export type BaseType = 'text' | 'number' | 'boolean' | 'json' | 'image' | 'audio' | 'video' | 'model' | 'any';
export type PortType = BaseType | `list[${BaseType}]`;
export interface InputPort {
  readonly name: string;
  readonly type: PortType;
  readonly title: Words;
  readonly required: boolean;
  readonly sink: string | null;
}
export interface OutputPort {
  readonly name: string;
  readonly type: PortType;
  readonly title: Words;
  readonly streams: boolean;
}
export type ParamKind =
  'text' | 'multiline' | 'integer' | 'number' | 'boolean' | 'choice' | 'model' | 'asset' | 'lines';
export interface Param {
  readonly name: string;
  readonly kind: ParamKind;
  readonly title: Words;
  readonly help: Words | null;
  readonly default: Json;
  readonly required: boolean;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly step: number | null;
  readonly choices: readonly { readonly value: string; readonly title: Words }[] | null;
  readonly capability?: string | null;
  readonly media?: string | null;
  readonly max_length?: number;
  readonly advanced: boolean;
}
export interface Dynamic {
  readonly side: 'inputs' | 'outputs';
  readonly param: string;
  readonly rule: 'placeholders' | 'lines';
  readonly type: PortType;
}
export interface NodeSpec {
  readonly type: string;
  readonly version: number;
  readonly title: Words;
  readonly summary: Words;
  readonly help: Words;
  readonly purpose: string;
  readonly icon: string;
  readonly inputs: readonly InputPort[];
  readonly outputs: readonly OutputPort[];
  readonly params: readonly Param[];
  readonly dynamic: Dynamic | null;
  readonly resource: 'inline' | 'cpu' | 'gpu';
  readonly effects: 'pure' | 'idempotent' | 'unsafe';
}
/** source type -> target type -> null when it fits, else the reason. */
export type Acceptance = Readonly<Record<string, Readonly<Record<string, Words | null>>>>;
export interface Palette {
  readonly digest: string;
  readonly acceptance: Acceptance;
  readonly purposes: readonly { readonly id: string; readonly title: Words }[];
  readonly node_types: readonly NodeSpec[];
}

// ---- plans ----
export interface Argument {
  readonly name: string;
  readonly type: PortType;
  readonly title: string;
  readonly node: string;
  readonly required: boolean;
  readonly default: Json;
  readonly multiline: boolean;
  readonly minimum: number | null;
  readonly maximum: number | null;
}
export interface PromisedOutput {
  readonly name: string;
  readonly type: PortType;
  readonly title: string;
  readonly node: string;
}
export interface PlanStep {
  readonly id: string;
  readonly type: string;
  readonly title: Words;
  readonly node: string | null;
  readonly segment: number;
  readonly resource: string;
}
export interface Gate {
  readonly id: string;
  readonly rules: readonly { readonly id: string; readonly title: Words; readonly reason: Words }[];
  readonly media: string;
  readonly filters: readonly { readonly id: string; readonly title: Words; readonly action: string }[];
  readonly sources: readonly PortRef[];
  readonly targets: readonly PortRef[];
}
export interface PlanView {
  readonly policy: { readonly version: number; readonly digest: string };
  readonly inputs: readonly Argument[];
  readonly outputs: readonly PromisedOutput[];
  readonly steps: readonly PlanStep[];
  readonly gates: readonly Gate[];
}
export interface Compiled {
  readonly issues: readonly Issue[];
  readonly plan: PlanView | null;
}

// ---- workflows ----
export interface WorkflowItem {
  readonly id: Id;
  readonly name: string;
  readonly updated: Iso;
  readonly revision: number;
  readonly published: number | null;
  readonly runs: number;
}
export interface Workflow {
  readonly id: Id;
  readonly workspace: Id;
  readonly name: string;
  readonly description: string;
  readonly revision: number;
  readonly graph: Graph;
  readonly updated: Iso;
  readonly published: number | null;
}
export interface DraftSaved {
  readonly revision: number;
  readonly saved: Iso;
}
export interface DraftConflict {
  readonly revision: number;
  readonly graph: Graph;
  readonly saved: Iso;
  readonly by: string | null;
}
export interface Version {
  readonly id: Id;
  readonly number: number;
  readonly created: Iso;
  readonly note: string;
}
export interface VersionWithGraph extends Version {
  readonly graph: Graph;
}

// ---- runs ----
export type RunState = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'blocked';
export type StepState =
  'pending' | 'running' | 'done' | 'cached' | 'skipped' | 'withheld' | 'failed' | 'cancelled';
export interface Problem {
  readonly code: string;
  readonly message: Words;
  readonly hint: Words | null;
  readonly node: string | null;
}
export interface Cost {
  readonly device?: string | null;
  readonly tokens?: number | null;
}
export interface RunStep {
  readonly id: string;
  readonly node: string | null;
  readonly type: string;
  readonly title: Words;
  readonly gate: boolean;
  readonly state: StepState;
  readonly attempt: number;
  readonly started: Iso | null;
  readonly finished: Iso | null;
  readonly cost: Cost | null;
  readonly error: Problem | null;
}
export interface ImageValue {
  readonly asset: Id;
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly media_type: string;
  readonly size: number;
}
export type OutputValue = Json | ImageValue;
export interface RunOutput {
  readonly name: string;
  readonly title: string;
  readonly type: PortType;
  readonly value: OutputValue;
}
export type FindingAction = 'redact' | 'block' | 'hold';
export interface Finding {
  readonly step: string;
  readonly rule: string;
  readonly action: FindingAction;
  readonly filter: string;
  readonly category: string;
  readonly score: number | null;
  readonly message: Words;
}
export interface RunItem {
  readonly id: Id;
  readonly workflow: Id;
  readonly workflow_name: string;
  readonly state: RunState;
  readonly created: Iso;
  readonly started: Iso | null;
  readonly finished: Iso | null;
}
export interface Run extends RunItem {
  readonly error: Problem | null;
  readonly steps: readonly RunStep[];
  readonly outputs: readonly RunOutput[];
  readonly findings: readonly Finding[];
  readonly inputs: Readonly<Record<string, Json>>;
  readonly last_event: number;
  readonly plan: PlanView;
}

// ---- files, templates, models ----
export interface Asset {
  readonly id: Id;
  readonly media_type: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly size: number;
  readonly url: string;
}
export interface Need {
  readonly model: string;
  readonly title: string;
  readonly capability: string;
  readonly installed: boolean;
  readonly available: boolean;
}
export interface Template {
  readonly id: Id;
  readonly slug: string;
  readonly title: Words;
  readonly description: Words;
  readonly tags: readonly string[];
  readonly picture: string;
  readonly inputs: readonly Argument[];
  readonly needs: readonly Need[];
}
export interface TemplateWithGraph extends Template {
  readonly graph: Graph;
}
export type ModelState = 'installed' | 'missing' | 'installing' | 'broken';
export interface Model {
  readonly name: string;
  readonly title: Words;
  readonly capability: string;
  readonly licence: string;
  readonly size: number;
  readonly sources: readonly string[];
  /** Whether there is anywhere to get it from. */
  readonly available: boolean;
  readonly state: ModelState;
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly note: Words | null;
}

// ---- events ----
interface EventOf<Kind extends string, Data> {
  readonly run: Id;
  /** Durable events are numbered from 1; a live one has no number and may be lost. */
  readonly seq: number | null;
  readonly kind: Kind;
  readonly at: Iso;
  readonly data: Data;
}
type Nothing = Record<string, never>;
interface StepEnd {
  readonly step: string;
  readonly seconds: number | null;
  readonly cost: Cost | null;
  readonly error: Problem | null;
}
export type RunEvent =
  | EventOf<'run.queued' | 'run.running' | 'run.succeeded' | 'run.cancelled', Nothing>
  | EventOf<'run.failed', { readonly error: Problem | null }>
  | EventOf<'run.blocked', { readonly outputs: readonly string[] }>
  | EventOf<'step.running', { readonly step: string; readonly attempt: number }>
  | EventOf<'step.done' | 'step.skipped' | 'step.withheld' | 'step.failed' | 'step.cancelled', StepEnd>
  | EventOf<'gate.finding', Finding>
  | EventOf<'output', { readonly name: string; readonly type: PortType; readonly value: OutputValue }>
  | EventOf<
      'step.progress',
      {
        readonly step: string;
        readonly done: number;
        readonly total: number | null;
        readonly note: Words | null;
      }
    >
  | EventOf<'output.partial', { readonly name: string; readonly step: string; readonly text: string }>
  | EventOf<'step.preview', { readonly step: string; readonly image: string }>
  | EventOf<'queue.position', { readonly position: number }>;
export type EventKind = RunEvent['kind'];
