import { expect, test } from 'bun:test';
import en from './en.json';
import ptBR from './pt-BR.json';

type Tree = { readonly [key: string]: string | Tree };

/** Keys without the plural forms, which differ from language to language. */
function keys(tree: Tree, prefix = ''): string[] {
  const names = Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [`${prefix}${name.replace(/_(one|many|other)$/, '')}`]
      : keys(value, `${prefix}${name}.`),
  );
  return [...new Set(names)].toSorted();
}

function strings(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[`${prefix}${name}`, value]] : strings(value, `${prefix}${name}.`),
  );
}

test('the languages have the same keys', () => {
  expect(keys(ptBR)).toEqual(keys(en));
});

test('a translation fills in the same values', () => {
  const placeholders = (text: string) => [...new Set(text.match(/\{\{\w+\}\}/g))].toSorted();
  const english = new Map(strings(en));
  for (const [key, text] of strings(ptBR)) {
    const original = english.get(key) ?? english.get(key.replace('_many', '_other')) ?? '';
    expect([key, placeholders(text)]).toEqual([key, placeholders(original)]);
  }
});
