// The label of a narrow field: its help stands behind a small sign, and is read out with the label.
import { Tooltip } from '@mantine/core';
import { IconHelp } from '@tabler/icons-react';

import classes from '../Inspector.module.css';

interface LabelProps {
  readonly label: string;
  readonly help: string | undefined;
}

export function LabelWithHelp({ label, help }: LabelProps) {
  if (!help) return label;
  return (
    <Tooltip label={help} multiline maw={240} events={{ hover: true, focus: true, touch: true }}>
      <span className={classes.helped}>
        {label}
        <IconHelp size={13} stroke={1.6} aria-hidden />
        <span className="sw-hidden">{help}</span>
      </span>
    </Tooltip>
  );
}
