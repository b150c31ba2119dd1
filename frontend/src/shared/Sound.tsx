// A sound to play. The browser's own player: it works with keyboards and readers in every language.
import classes from './Sound.module.css';

export function Sound({ src, label }: { readonly src: string; readonly label: string }) {
  // What was said stands in no caption: nobody has written it down.
  // eslint-disable-next-line jsx-a11y/media-has-caption
  return <audio className={classes.player} controls preload="metadata" src={src} aria-label={label} />;
}
