// One setting of a node, drawn from its spec; the kind decides which field.
import { NumberInput, Select, Slider, Switch, Textarea, TextInput } from '@mantine/core';

import type { Issue, Json, Param } from '../../../api/types';
import { type I18n, useI18n } from '../../../i18n';
import { changeParam, endEdit } from '../../actions';
import { type GraphNode } from '../../document/graph';
import { placeholders as placeholderNames } from '../../document/ports';
import { type NodeSpec, paramOf } from '../../document/spec';
import classes from '../Inspector.module.css';
import { AssetField } from './AssetField';
import { DurationField } from './DurationField';
import { LabelWithHelp } from './LabelWithHelp';
import { type Fault, faultOf } from './check';
import { LinesField } from './LinesField';
import { ModelField } from './ModelField';
import { PortField } from './PortField';
import { SeedField } from './SeedField';
import { WorkflowField } from './WorkflowField';

interface ParamFieldProps {
  readonly node: GraphNode;
  readonly spec: NodeSpec;
  readonly param: Param;
  readonly issues: readonly Issue[];
}

export interface FieldProps {
  readonly param: Param;
  readonly value: Json | undefined;
  readonly label: string;
  readonly error: string | undefined;
  readonly description: string | undefined;
  readonly testId: string;
  readonly set: (value: Json) => void;
}

export function ParamField({ node, spec, param, issues }: ParamFieldProps) {
  const i18n = useI18n();
  const value = paramOf(node, spec, param.name);
  const fault = faultOf(param, value);
  // The server's word first: it knows more, and says what to do.
  const [issue] = issues;
  const error = issue ? i18n.words(issue.message) : fault ? faultText(i18n, fault) : undefined;
  const field: FieldProps = {
    param,
    value,
    label: i18n.words(param.title),
    error,
    description: param.help ? i18n.words(param.help) : undefined,
    testId: `param-${param.name}`,
    set: (next) => changeParam(node.id, param.name, next),
  };
  return (
    // Leaving a field ends its undo step, whichever field it is.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={classes.field} data-wide={isWide(param) || undefined} onBlur={endEdit}>
      <FieldOf
        {...field}
        node={node}
        spec={spec}
        placeholders={spec.dynamic?.param === param.name && spec.dynamic.rule === 'placeholders'}
      />
    </div>
  );
}

interface FieldOfProps extends FieldProps {
  readonly node: GraphNode;
  readonly spec: NodeSpec;
  readonly placeholders: boolean;
}

function FieldOf({ placeholders, node, spec, ...field }: FieldOfProps) {
  const { words } = useI18n();
  const { param, value, set, label, error, description, testId } = field;
  const shared = { label, error, description, 'data-testid': testId } as const;
  const needed = { ...shared, required: param.required, withAsterisk: false } as const;
  switch (param.kind) {
    case 'multiline':
      return <LongText {...field} placeholders={placeholders} />;
    case 'integer':
    case 'number':
      return param.name === 'seed' ? <SeedField {...field} /> : <NumberField {...field} />;
    case 'duration':
      return <DurationField {...field} />;
    case 'boolean':
      return (
        <Switch {...shared} checked={value === true} onChange={(event) => set(event.currentTarget.checked)} />
      );
    case 'choice':
      return (
        <Select
          {...needed}
          allowDeselect={!param.required}
          data={(param.choices ?? []).map((choice) => ({ value: choice.value, label: words(choice.title) }))}
          value={typeof value === 'string' ? value : null}
          onChange={set}
        />
      );
    case 'model':
      return <ModelField {...field} />;
    case 'asset':
      return <AssetField {...field} />;
    case 'lines':
      return <LinesField {...field} />;
    case 'workflow':
      return <WorkflowField {...field} />;
    case 'port':
      return <PortField {...field} node={node} spec={spec} />;
    case 'text':
      return (
        <TextInput
          {...needed}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
  }
}

function LongText({
  param,
  value,
  set,
  label,
  error,
  description,
  testId,
  placeholders,
}: FieldProps & { placeholders: boolean }) {
  const { t } = useI18n();
  const hint = placeholders ? <PlaceholderHint text={typeof value === 'string' ? value : ''} /> : description;
  return (
    <Textarea
      label={label}
      error={error}
      description={hint}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      required={param.required}
      withAsterisk={false}
      autosize
      minRows={3}
      maxRows={14}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => set(event.currentTarget.value)}
      placeholder={placeholders ? t('editor.template_example') : undefined}
      classNames={placeholders ? { input: classes.mono ?? '' } : {}}
      data-testid={testId}
    />
  );
}

/** Which ports the text has grown, so that a mistyped brace is seen at once. */
function PlaceholderHint({ text }: { readonly text: string }) {
  const { t } = useI18n();
  const names = placeholderNames(text);
  if (names.length === 0) return t('editor.placeholder_hint');
  return (
    <span className={classes.chips}>
      {t('editor.placeholder_ports')}
      {names.map((name) => (
        <code key={name}>{name}</code>
      ))}
    </span>
  );
}

function NumberField({ param, value, set, label, error, description, testId }: FieldProps) {
  const { minimum, maximum, step } = param;
  const bounded = minimum !== null && maximum !== null;
  const number = typeof value === 'number' ? value : null;
  return (
    <>
      <NumberInput
        label={<LabelWithHelp label={label} help={description} />}
        error={error}
        required={param.required}
        withAsterisk={false}
        value={number ?? ''}
        onChange={(next) => set(typeof next === 'number' ? next : null)}
        step={step ?? 1}
        allowDecimal={param.kind === 'number'}
        clampBehavior="none"
        hideControls={bounded}
        data-testid={testId}
      />
      {bounded && (
        <Slider
          mt={7}
          size={4}
          thumbSize={12}
          thumbLabel={label}
          label={null}
          min={minimum}
          max={maximum}
          step={step ?? (param.kind === 'integer' ? 1 : (maximum - minimum) / 100)}
          value={Math.min(maximum, Math.max(minimum, number ?? minimum))}
          onChange={set}
          onChangeEnd={endEdit}
        />
      )}
    </>
  );
}

function isWide({ kind }: Param): boolean {
  return kind !== 'integer' && kind !== 'number' && kind !== 'choice';
}

function faultText({ t }: I18n, fault: Fault): string {
  switch (fault.key) {
    case 'editor.least':
    case 'editor.most':
    case 'editor.fault_long':
      return t(fault.key, { bound: fault.bound });
    default:
      return t(fault.key);
  }
}
