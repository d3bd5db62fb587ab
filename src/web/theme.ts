/** The look: cais is Portuguese for quay, so a deep sea teal, and amber for what is moored there. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const quay: MantineColorsTuple = [
  '#e8f6f8',
  '#d2eaee',
  '#a5d5de',
  '#74bfcc',
  '#4dadbd',
  '#349fb1',
  '#1f94a8',
  '#0c7f93',
  '#086879',
  '#044f5d',
];

/** Mantine's dark greys, with the sea in them. */
const dark: MantineColorsTuple = [
  '#d5dcdf',
  '#b3bfc3',
  '#95a4aa',
  '#6b7a80',
  '#35454b',
  '#2b3a40',
  '#1a262a',
  '#141d20',
  '#0e1517',
  '#0a0f11',
];

export const theme = createTheme({
  colors: { quay, dark },
  primaryColor: 'quay',
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '650' },
  cursorType: 'pointer',
});
