// The one door to the theme; importing it also brings the style sheets, in the order that they must have.
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@fontsource-variable/inter/wght.css';
import './tokens.css';
import './base.css';

export { cssVariables, schemeManager, theme } from './theme';
