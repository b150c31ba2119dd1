// What a node type does, in its own words, and what goes in and out.
import { useI18n } from '../../i18n';
import { portColour } from '../canvas/shape';
import type { GraphNode } from '../document/graph';
import { type Port, portsOf } from '../document/ports';
import type { NodeSpec } from '../document/spec';
import classes from './Inspector.module.css';

export function HelpTab({ node, spec }: { readonly node: GraphNode; readonly spec: NodeSpec | undefined }) {
  const { t, words } = useI18n();
  if (!spec) return <p className={classes.note}>{t('editor.unknown_type_text', { type: node.type })}</p>;
  const { inputs, outputs } = portsOf(node, spec);
  return (
    <div className={classes.help}>
      <p>{words(spec.help)}</p>
      <PortList title={t('editor.goes_in')} ports={inputs} />
      <PortList title={t('editor.comes_out')} ports={outputs} />
      {spec.params.some((param) => param.help) && (
        <section>
          <h3>{t('editor.tab_settings')}</h3>
          <dl>
            {spec.params.map(
              (param) =>
                param.help && (
                  <div key={param.name}>
                    <dt>{words(param.title)}</dt>
                    <dd>{words(param.help)}</dd>
                  </div>
                ),
            )}
          </dl>
        </section>
      )}
    </div>
  );
}

function PortList({ title, ports }: { readonly title: string; readonly ports: readonly Port[] }) {
  const { words } = useI18n();
  if (ports.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {ports.map((port) => (
          <li key={port.name}>
            <i className={classes.dot} style={{ borderColor: portColour(port.type) }} />
            {words(port.title) || port.name} <small>{port.type}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}
