// The small ring of running things; it stands still where people ask for less motion.
import classes from './Spinner.module.css';

export function Spinner({ size = 14 }: { readonly size?: number }) {
  return <span className={classes.ring} style={{ width: size, height: size }} aria-hidden />;
}
