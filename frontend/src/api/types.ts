// What the server says, under short names. The shapes come from its OpenAPI description (`npm run types`);
// they are made readonly here, and only what that description leaves open ("any JSON") is narrowed.
import type { Language } from '../i18n/message';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Id = string;
export type Iso = string;
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A described shape with every "any JSON" in it called by its name. */
export type Plain<T> = unknown extends T
  ? Json
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Plain<Item>[]
      : { readonly [Key in keyof T]: Plain<T[Key]> };
type Described<Name extends keyof Schemas> = Plain<Schemas[Name]>;

export interface Page<T> {
  readonly results: readonly T[];
  readonly next: string | null;
}
export type Words = Described<'Words'>;

// ---- people ----
export type Session = Described<'Session'>;
export type User = Described<'User'>;
export type Workspace = Described<'Workspace'>;
export type Role = Workspace['role'];
/** Whether somebody in this role may change what the workspace holds; the server refuses the rest. */
export const mayWrite = (role: Role): boolean => role === 'owner' || role === 'editor';
export type ServerLanguage = Session['language'];
export const languageFrom = (server: ServerLanguage): Language => (server === 'zh-hans' ? 'zh' : 'en');
export const languageTo = (language: Language): ServerLanguage => (language === 'zh' ? 'zh-hans' : 'en');

// ---- graphs ----
export type Graph = Described<'Graph'>;
export type GraphNode = Described<'GraphNode'>;
export type GraphEdge = Described<'GraphEdge'>;
export type PortRef = Described<'PortRef'>;
export type Issue = Described<'Issue'>;

// ---- node types ----
export type Palette = Described<'Palette'>;
/** source type -> target type -> null when it fits, else the reason. */
export type Acceptance = Palette['acceptance'];
export type NodeSpec = Described<'NodeSpec'>;
export type InputPort = Described<'InputPort'>;
export type OutputPort = Described<'OutputPort'>;
export type PortType = Described<'PortType'>;
export type Param = Described<'Param'>;
export type ParamKind = Param['kind'];
export type Dynamic = Described<'Dynamic'>;

// ---- plans ----
export type Compiled = Described<'Compiled'>;
export type PlanView = Described<'PlanView'>;
export type PlanStep = Described<'PlanStep'>;
export type Argument = Described<'Argument'>;
export type PromisedOutput = Described<'PromisedOutput'>;
export type Gate = Described<'Gate'>;
export type Source = Described<'Source'>;
export type Filter = Described<'Filter'>;
export type WhatIf = Described<'WhatIfRequest'>;
export type Tried = Described<'Tried'>;
export type TriedFilter = Tried['filters'][number];
export type Verdict = Tried['verdict'];

// ---- policies ----
export type PolicyState = Described<'PolicyState'>;
export type PolicyRules = Described<'PolicyRules'>;
export type PolicyRule = Described<'PolicyRule'>;
export type PolicyFilter = PolicyRule['chain'][number];
export type PolicyDraft = Described<'PolicyDraft'>;
export type PolicyFault = PolicyDraft['faults'][number];
export type PolicyShadow = Described<'PolicyShadow'>;
export type PolicyPreview = Described<'PolicyPreview'>;
export type PolicyEffect = PolicyPreview['effects'][number];
export type PolicyVersionItem = Described<'PolicyVersionItem'>;
export type MediaKind = PolicyRule['media'][number];
export type Sink = PolicyRule['sink'];
export type GateAction = PolicyFilter['action'];

// ---- workflows ----
export type Workflow = Described<'Workflow'>;
export type WorkflowItem = Described<'WorkflowItem'>;
export type DraftSaved = Described<'DraftSaved'>;
export type DraftConflict = Described<'DraftConflict'>;
export type Version = Described<'VersionItem'>;
export type VersionWithGraph = Described<'Version'>;

// ---- runs ----
export type RunItem = Described<'RunItem'>;
export type RunState = RunItem['state'];
export type RunStep = Described<'RunStep'>;
export type StepState = RunStep['state'];
export type Problem = Described<'Problem'>;
export type Question = Described<'Question'>;
export type Cost = Described<'Cost'>;
export type Finding = Described<'Finding'>;
export type FindingAction = Finding['action'];
export interface FileValue {
  readonly asset: Id;
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly media_type: string;
  readonly size: number;
}
export type OutputValue = Json | FileValue;
export type RunOutput = Omit<Described<'RunOutput'>, 'value'> & { readonly value: OutputValue };
export type Run = Omit<Described<'Run'>, 'outputs'> & { readonly outputs: readonly RunOutput[] };

// ---- reviews ----
export type Review = Described<'Review'>;
export type ReviewState = Review['state'];
export type Decision = Described<'Decision'>;
export type Material = Described<'Material'>;
export type Spot = Material['spots'][number];
export type Cut = Described<'CutRequest'>;
export type NewOpinion = Described<'NewOpinionRequest'>;
export type Appeal = Omit<Described<'Appeal'>, 'released'> & { readonly released: OutputValue };

// ---- files, templates, models ----
export type Asset = Described<'Asset'>;
export type Template = Described<'TemplateItem'>;
export type TemplateWithGraph = Described<'Template'>;
export type Need = Described<'Need'>;
export type Model = Described<'Model'>;
export type ModelState = Model['state'];

// ---- events ----
/** Durable events are numbered from 1; a live one has no number and may be lost. */
export type RunEvent = Described<'Event'>;
export type EventKind = RunEvent['kind'];
