// The material: a text with what filters recognised as marks to press, pictures, sounds, or data.
import { Checkbox } from '@mantine/core';

import { isSound } from '../../api/assets';
import type { Json, Material } from '../../api/types';
import { useI18n } from '../../i18n';
import { Picture } from '../../shared/Picture';
import { Sound } from '../../shared/Sound';
import { useNames } from '../../shared/run/useNames';
import { isList, itemKey, type Mark, marksOf, piecesOf } from './marks';
import classes from './Reviews.module.css';

interface MaterialProps {
  readonly material: Material;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

export function MaterialView({ material, chosen, onChoose }: MaterialProps) {
  const { t } = useI18n();
  const toggle = (key: string): void => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChoose(next);
  };
  const { value, files, spots } = material;
  const shown = { material, chosen, toggle };
  return (
    <div className={classes.material} data-testid="material">
      {spots.length > 0 && <p className={classes.note}>{t('reviews.spots_hint')}</p>}
      {spots.length === 0 && !isList(material) && files.length === 0 && (
        <p className={classes.note}>{t('reviews.whole')}</p>
      )}
      {files.map((file, index) => (
        <Item key={file.url} {...shown} item={index}>
          {isSound(file) ? (
            <Sound src={file.url} label={t('reviews.sound', { number: index + 1 })} />
          ) : (
            <Picture
              src={file.url}
              alt={t('reviews.picture', { number: index + 1 })}
              width={file.width}
              height={file.height}
            />
          )}
        </Item>
      ))}
      {files.length === 0 && Array.isArray(value)
        ? value.map((one: Json, index) => (
            // The list is what was held: its order is its identity.
            <Item key={index} {...shown} item={index}>
              <One {...shown} value={one} item={index} />
            </Item>
          ))
        : files.length === 0 && <One {...shown} value={value} item={null} />}
    </div>
  );
}

interface ShownProps {
  readonly material: Material;
  readonly chosen: ReadonlySet<string>;
  readonly toggle: (key: string) => void;
}

/** One of several, which may leave the list. */
function Item(props: ShownProps & { readonly item: number; readonly children: React.ReactNode }) {
  const { material, chosen, toggle, item, children } = props;
  const { t } = useI18n();
  if (!isList(material)) return children;
  return (
    <div className={classes.item}>
      {children}
      <Checkbox
        label={t('reviews.item_out', { number: item + 1 })}
        checked={chosen.has(itemKey(item))}
        onChange={() => toggle(itemKey(item))}
      />
    </div>
  );
}

function One(props: ShownProps & { readonly value: Json; readonly item: number | null }) {
  const { material, chosen, toggle, value, item } = props;
  if (typeof value !== 'string') return <pre className={classes.data}>{JSON.stringify(value, null, 2)}</pre>;
  return (
    <p className={classes.text}>
      {piecesOf(value, marksOf(material.spots, item)).map(({ text, mark }, index) =>
        mark ? (
          <MarkButton key={mark.key} text={text} mark={mark} cut={chosen.has(mark.key)} toggle={toggle} />
        ) : (
          <span key={index}>{text}</span>
        ),
      )}
    </p>
  );
}

interface MarkProps {
  readonly text: string;
  readonly mark: Mark;
  readonly cut: boolean;
  readonly toggle: (key: string) => void;
}

function MarkButton({ text, mark, cut, toggle }: MarkProps) {
  const { t, format } = useI18n();
  const names = useNames();
  const category = format.list([
    ...new Set(mark.spots.map((spot) => names.category(spot.filter, spot.category))),
  ]);
  return (
    <button
      type="button"
      className={classes.mark}
      aria-pressed={cut}
      title={t(cut ? 'reviews.spot_cut' : 'reviews.spot_kept', { category })}
      onClick={() => toggle(mark.key)}
    >
      {text}
    </button>
  );
}
