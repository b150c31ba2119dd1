// Nothing selected: the workflow itself, what it asks for and what it gives.
import { Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link } from 'react-router';

import { asApiError } from '../../api/errors';
import { useChangeWorkflow } from '../../api/workflows';
import { useI18n } from '../../i18n';
import { focusNode } from '../canvas/focus';
import { portColour } from '../canvas/shape';
import { mediaWord } from '../../shared/wording';
import { useLocked } from '../document/store';
import { usePreview } from '../preview/store';
import { useEditor } from '../state/editor';
import classes from './Inspector.module.css';

export function WorkflowPanel() {
  const { t } = useI18n();
  const { workflow, name, description } = useEditor();
  const plan = usePreview((state) => state.plan ?? state.lastPlan);
  const change = useChangeWorkflow();
  const locked = useLocked();
  const save = (edit: { name?: string; description?: string }): void => {
    if (locked) return;
    change.mutate(
      { id: workflow, ...edit },
      { onError: (error) => notifications.show({ message: asApiError(error).message, color: 'bad' }) },
    );
  };
  return (
    <>
      <header className={classes.head}>
        <div className={classes.names}>
          <h2>{t('editor.this_workflow')}</h2>
        </div>
      </header>
      <div className={`${classes.panel} ${classes.form}`}>
        <div className={classes.field} data-wide>
          <TextInput
            label={t('common.name')}
            readOnly={locked}
            value={name}
            onChange={(event) => useEditor.setState({ name: event.currentTarget.value })}
            onBlur={(event) =>
              event.currentTarget.value.trim() && save({ name: event.currentTarget.value.trim() })
            }
            data-testid="workflow-name-field"
          />
        </div>
        <div className={classes.field} data-wide>
          <Textarea
            label={t('editor.description')}
            readOnly={locked}
            placeholder={t('editor.description_hint')}
            autosize
            minRows={2}
            maxRows={8}
            value={description}
            onChange={(event) => useEditor.setState({ description: event.currentTarget.value })}
            onBlur={(event) => save({ description: event.currentTarget.value })}
          />
        </div>
        <Promised title={t('editor.asks_for')} none={t('editor.inputs_none')} items={plan?.inputs} />
        <Promised title={t('editor.gives')} none={t('editor.outputs_none')} items={plan?.outputs} />
        <div className={classes.field} data-wide>
          <span className={classes.label}>{t('policy.title')}</span>
          <p className={classes.note}>
            {t('policy.open_workflow_text')}{' '}
            <Link to={`/workflows/${workflow}/policy`}>{t('policy.open_workflow')}</Link>
          </p>
        </div>
        <p className={classes.note} data-wide>
          {t('editor.select_hint')}
        </p>
      </div>
    </>
  );
}

interface PromisedProps {
  readonly title: string;
  readonly none: string;
  readonly items:
    | readonly {
        readonly name: string;
        readonly title: string;
        readonly type: string;
        readonly node: string;
      }[]
    | undefined;
}

function Promised({ title, none, items }: PromisedProps) {
  const i18n = useI18n();
  return (
    <div className={classes.field} data-wide>
      <span className={classes.label}>{title}</span>
      {!items || items.length === 0 ? (
        <p className={classes.note}>{none}</p>
      ) : (
        items.map((item) => (
          <div key={item.name} className={classes.fed} data-connected>
            <i
              className={classes.dot}
              style={{ borderColor: portColour(item.type), background: portColour(item.type) }}
            />
            <button type="button" onClick={() => focusNode(item.node)}>
              {item.title || item.name}
            </button>
            <small>{mediaWord(i18n, item.type)}</small>
          </div>
        ))
      )}
    </div>
  );
}
