// Mantine, spoken with our tokens: one accent, 13 px body, small radii, no gradients.
import {
  ActionIcon,
  Button,
  createTheme,
  defaultVariantColorsResolver,
  Input,
  Loader,
  localStorageColorSchemeManager,
  Menu,
  Modal,
  Popover,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';

// Mantine wants ten shades; every one that reaches the screen is replaced by a token in `cssVariables`.
const accent: MantineColorsTuple = [
  '#e0f2f0',
  '#c2e5e2',
  '#9bd6d1',
  '#6cc4be',
  '#35b8ae',
  '#189a92',
  '#0b7a75',
  '#096863',
  '#075652',
  '#12312f',
];
const bad: MantineColorsTuple = [
  '#fcecea',
  '#f8d5d2',
  '#f5b4ae',
  '#f4958c',
  '#f2766b',
  '#db574d',
  '#c2413a',
  '#a73630',
  '#8a2c27',
  '#3a1f1d',
];

// Mantine's greys, in our own cool ones, light to dark.
const gray: MantineColorsTuple = [
  '#f6f7f8',
  '#eef1f3',
  '#e3e7ea',
  '#d9dee2',
  '#c4cdd4',
  '#9aa5af',
  '#66737f',
  '#4d5963',
  '#33404b',
  '#17212b',
];
const dark: MantineColorsTuple = [
  '#e8edf1',
  '#c3cdd5',
  '#93a1ad',
  '#64727e',
  '#3a4750',
  '#273038',
  '#20292f',
  '#161c21',
  '#12181c',
  '#101519',
];

export const schemeManager = localStorageColorSchemeManager({ key: 'sluiceway.scheme' });

export const theme = createTheme({
  colors: { accent, bad, gray, dark },
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 4 },
  fontFamily: 'var(--sw-font)',
  fontFamilyMonospace: 'var(--sw-font-mono)',
  fontSizes: { xs: '11px', note: '12px', sm: '13px', md: '13px', lg: '14px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.45', xl: '1.3' },
  headings: {
    fontFamily: 'var(--sw-font)',
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '1.3' },
      h2: { fontSize: '14px', lineHeight: '1.4' },
      h3: { fontSize: '13px', lineHeight: '1.4' },
      h4: { fontSize: '13px', lineHeight: '1.4' },
      h5: { fontSize: '12px', lineHeight: '1.4' },
      h6: { fontSize: '11px', lineHeight: '1.4' },
    },
  },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '11px', xl: '16px' },
  defaultRadius: 'md',
  shadows: {
    xs: 'var(--sw-shadow)',
    sm: 'var(--sw-shadow)',
    md: 'var(--sw-shadow)',
    lg: 'var(--sw-shadow)',
    xl: 'var(--sw-shadow)',
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    return input.variant === 'filled' ? { ...colors, color: 'var(--sw-on-accent)' } : colors;
  },
  components: {
    Button: Button.extend({
      vars: (_theme, props) =>
        props.size === undefined || props.size === 'sm'
          ? { root: { '--button-height': '34px', '--button-padding-x': '14px' } }
          : { root: {} },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 32 } }),
    InputWrapper: Input.Wrapper.extend({
      styles: {
        label: { fontSize: '12px', fontWeight: 600, marginBottom: 4 },
        description: { fontSize: '12px' },
      },
    }),
    Loader: Loader.extend({ defaultProps: { type: 'oval', size: 18 } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', transitionProps: { duration: 120 } } }),
    Popover: Popover.extend({ defaultProps: { shadow: 'md', transitionProps: { duration: 120 } } }),
    Modal: Modal.extend({
      defaultProps: { centered: true, radius: 'lg', transitionProps: { duration: 150 } },
      styles: { title: { fontWeight: 600, fontSize: 14 } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: false, fz: 'note' } }),
  },
});

const shared = {
  '--mantine-color-body': 'var(--sw-surface)',
  '--mantine-color-text': 'var(--sw-ink)',
  '--mantine-color-bright': 'var(--sw-ink)',
  '--mantine-color-dimmed': 'var(--sw-muted)',
  '--mantine-color-placeholder': 'var(--sw-muted)',
  '--mantine-color-anchor': 'var(--sw-accent)',
  '--mantine-color-error': 'var(--sw-bad)',
  '--mantine-color-default': 'var(--sw-surface)',
  '--mantine-color-default-hover': 'var(--sw-hover)',
  '--mantine-color-default-color': 'var(--sw-ink)',
  '--mantine-color-default-border': 'var(--sw-line)',
  '--mantine-color-disabled': 'var(--sw-gate)',
  '--mantine-color-disabled-color': 'var(--sw-faint)',
  '--mantine-color-disabled-border': 'var(--sw-line)',
  '--mantine-color-gray-text': 'var(--sw-muted)',
  '--mantine-color-gray-light': 'var(--sw-gate)',
  '--mantine-color-gray-light-hover': 'var(--sw-hover)',
  '--mantine-color-gray-light-color': 'var(--sw-muted)',
  '--mantine-primary-color-filled': 'var(--sw-accent)',
  '--mantine-primary-color-filled-hover': 'var(--sw-accent-hover)',
  '--mantine-primary-color-light': 'var(--sw-accent-soft)',
  '--mantine-primary-color-light-hover': 'var(--sw-accent-soft)',
  '--mantine-primary-color-light-color': 'var(--sw-accent)',
  '--mantine-primary-color-contrast': 'var(--sw-on-accent)',
  '--mantine-color-accent-filled': 'var(--sw-accent)',
  '--mantine-color-accent-filled-hover': 'var(--sw-accent-hover)',
  '--mantine-color-accent-text': 'var(--sw-accent)',
  '--mantine-color-accent-outline': 'var(--sw-accent)',
  '--mantine-color-accent-light': 'var(--sw-accent-soft)',
  '--mantine-color-accent-light-hover': 'var(--sw-accent-soft)',
  '--mantine-color-accent-light-color': 'var(--sw-accent)',
  '--mantine-color-accent-6': 'var(--sw-accent)',
  '--mantine-color-bad-6': 'var(--sw-bad)',
  '--mantine-color-bad-filled': 'var(--sw-bad)',
  '--mantine-color-bad-text': 'var(--sw-bad)',
  '--mantine-color-bad-outline': 'var(--sw-bad)',
  '--mantine-color-bad-light-color': 'var(--sw-bad)',
};

/** Replaces Mantine's own colours by ours; the tokens themselves turn with the scheme. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
