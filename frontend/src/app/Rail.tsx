// The rail at the left; on a phone, the bar at the bottom.
import { Tooltip } from '@mantine/core';
import { NavLink } from 'react-router';
import { useIsReviewer } from '../api/reviews';
import { useI18n } from '../i18n';
import { PLACES, REVIEWS, SETTINGS, type Place } from './places';
import classes from './Rail.module.css';

export function Rail() {
  const { t } = useI18n();
  const reviewer = useIsReviewer();
  return (
    <nav className={classes.rail} aria-label={t('app.main_navigation')}>
      {PLACES.map((place) => (
        <RailLink key={place.path} place={place} />
      ))}
      {reviewer && <RailLink place={REVIEWS} />}
      <span className={classes.gap} />
      <RailLink place={SETTINGS} />
    </nav>
  );
}

function RailLink({ place }: { readonly place: Place }) {
  const { t } = useI18n();
  const Sign = place.icon;
  return (
    <Tooltip label={t(place.title)} position="right" visibleFrom="sm">
      <NavLink to={place.path} end={place.path === '/'} className={classes.link} aria-label={t(place.title)}>
        <Sign size={19} stroke={1.5} aria-hidden />
        <span className={classes.word} aria-hidden>
          {t(place.title)}
        </span>
      </NavLink>
    </Tooltip>
  );
}
