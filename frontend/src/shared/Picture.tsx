// A picture on a checkered ground, so that transparency shows as what it is.
import classes from './Picture.module.css';

interface PictureProps {
  readonly src: string;
  readonly alt: string;
  readonly width?: number | null;
  readonly height?: number | null;
  /** A small preview is drawn soft instead of in blocks. */
  readonly preview?: boolean;
}

export function Picture({ src, alt, width, height, preview = false }: PictureProps) {
  return (
    <span className={classes.ground}>
      <img
        className={classes.picture}
        data-preview={preview || undefined}
        src={src}
        alt={alt}
        width={width ?? undefined}
        height={height ?? undefined}
        loading="lazy"
        decoding="async"
      />
    </span>
  );
}
