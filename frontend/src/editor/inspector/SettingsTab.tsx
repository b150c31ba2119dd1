// The form of a node: what feeds it, its settings, and the gates that stand after it.
import { Button, Collapse } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconChevronRight, IconLock } from '@tabler/icons-react';
import { useState } from 'react';

import type { Gate, Issue } from '../../api/types';
import { useI18n } from '../../i18n';
import { useGates } from '../canvas/GateLayer';
import type { GraphNode } from '../document/graph';
import type { NodeSpec } from '../document/spec';
import { useLocked } from '../document/store';
import { settingOf, usePreview } from '../preview/store';
import { setUi } from '../state/ui';
import { FedInputs } from './FedInputs';
import { OnErrorField } from './fields/OnErrorField';
import { ParamField } from './fields/ParamField';
import { RetryField } from './fields/RetryField';
import classes from './Inspector.module.css';

interface TabProps {
  readonly node: GraphNode;
  readonly spec: NodeSpec | undefined;
}

const NONE: readonly Issue[] = [];

export function SettingsTab({ node, spec }: TabProps) {
  const { t } = useI18n();
  const issues = usePreview((state) => state.byNode.get(node.id)) ?? NONE;
  const locked = useLocked();
  const [more, setMore] = useState(false);
  if (!spec) return <p className={classes.note}>{t('editor.unknown_type_text', { type: node.type })}</p>;
  const named = new Set([...spec.params.map((param) => param.name)]);
  const loose = issues.filter(
    (issue) => (issue.param === null || !named.has(issue.param)) && issue.port === null,
  );
  const plain = spec.params.filter((param) => !param.advanced);
  const advanced = spec.params.filter((param) => param.advanced);
  const field = (param: NodeSpec['params'][number]) => (
    <ParamField
      key={param.name}
      node={node}
      spec={spec}
      param={param}
      issues={issues.filter((issue) => issue.param === param.name)}
    />
  );
  return (
    <div className={classes.form}>
      {loose.map((issue, index) => (
        <IssueNote key={index} issue={issue} />
      ))}
      <FedInputs node={node} issues={issues} />
      <fieldset className={classes.fields} disabled={locked}>
        {plain.map(field)}
      </fieldset>
      {advanced.length > 0 && (
        <div className={classes.field} data-wide>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={
              <IconChevronRight size={14} className={classes.fold} data-open={more || undefined} />
            }
            aria-expanded={more}
            onClick={() => setMore(!more)}
          >
            {t('editor.advanced')}
          </Button>
          <Collapse expanded={more}>
            <fieldset className={classes.form} disabled={locked}>
              {advanced.map(field)}
            </fieldset>
          </Collapse>
        </div>
      )}
      <fieldset className={classes.form} data-wide disabled={locked}>
        <RetryField node={node} spec={spec} />
        <OnErrorField node={node} spec={spec} />
      </fieldset>
      <GatesAround node={node.id} />
    </div>
  );
}

export function IssueNote({ issue }: { readonly issue: Issue }) {
  const { words } = useI18n();
  const Sign = issue.severity === 'error' ? IconAlertCircle : IconAlertTriangle;
  return (
    <p className={classes.issue} data-severity={issue.severity} data-wide>
      <Sign size={15} stroke={1.6} aria-hidden />
      <span>
        {words(issue.message)}
        {issue.hint && <em>{words(issue.hint)}</em>}
      </span>
    </p>
  );
}

function GatesAround({ node }: { readonly node: string }) {
  const { t, words, format } = useI18n();
  const gates = useGates();
  const after = gates.filter((gate) => !settingOf(gate) && gate.sources.some((end) => end.node === node));
  const before = gates.filter((gate) => gate.targets.some((end) => end.node === node));
  const box = (gate: Gate, place: 'before' | 'after') => (
    <button
      key={`${place} ${gate.id}`}
      type="button"
      className={classes.gate}
      data-wide
      onClick={() => setUi({ gates: true, openGate: gate.id })}
    >
      <IconLock size={16} stroke={1.5} aria-hidden />
      <span>
        <strong>
          {t(place === 'after' ? 'editor.gate_after' : 'editor.gate_before', {
            name: gate.rules[0] ? words(gate.rules[0].title) : t('editor.gate'),
          })}
        </strong>
        {gate.rules[0] && <span>{words(gate.rules[0].reason)}</span>}
        <span>{format.list(gate.filters.map((filter) => words(filter.title)))}</span>
      </span>
    </button>
  );
  return (
    <>
      {before.map((gate) => box(gate, 'before'))}
      {after.map((gate) => box(gate, 'after'))}
    </>
  );
}
