import { expect, test } from 'bun:test';
import { preferredLanguage } from './i18n.ts';

test('the browser’s first language that there is', () => {
  expect(preferredLanguage(null, ['de-DE', 'pt-PT', 'en'])).toBe('pt-BR');
  expect(preferredLanguage(null, ['en-GB', 'pt-BR'])).toBe('en');
  expect(preferredLanguage(null, ['ja'])).toBe('en');
});

test('the reader’s choice goes first; a choice that there is no more does not count', () => {
  expect(preferredLanguage('pt-BR', ['en'])).toBe('pt-BR');
  expect(preferredLanguage('tlh', ['en'])).toBe('en');
});
