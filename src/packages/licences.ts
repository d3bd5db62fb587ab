/** Licences as SPDX expressions, where a database or a copyright file says what can be made one. Pure. */
import parseExpression from 'spdx-expression-parse';

/** What the short names of Debian's copyright files mean that SPDX calls otherwise. */
const debianNames: Readonly<Record<string, string>> = {
  Expat: 'MIT',
  'BSD-2-clause': 'BSD-2-Clause',
  'BSD-3-clause': 'BSD-3-Clause',
  'BSD-4-clause': 'BSD-4-Clause',
  'Apache-2': 'Apache-2.0',
  'MPL-2': 'MPL-2.0',
  'MPL-1': 'MPL-1.0',
  ISC: 'ISC',
  zlib: 'Zlib',
  Artistic: 'Artistic-1.0-Perl',
};

/** A copyright file of Debian's names one for each part of a package. */
const mostOfPackage = 20;

/** `License:` fields of a machine-readable copyright file. https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/ */
export function parseDebianCopyright(text: string): string | undefined {
  if (!text.startsWith('Format:')) return undefined;
  const names = new Set(
    [...text.matchAll(/^License:[ \t]*(\S[^\n]{0,100})$/gm)].map(([, name = '']) => fromDebian(name.trim())),
  );
  const all = [...names].slice(0, mostOfPackage);
  return all.length === 0
    ? undefined
    : all.map((name) => (/ (?:and|or|with) /i.test(name) ? `(${name})` : name)).join(' AND ');
}

/** `GPL-2+ or MIT, and Expat` becomes `GPL-2.0-or-later OR MIT AND MIT`. */
function fromDebian(text: string): string {
  return text
    .replaceAll(/,? (and|or|with) /gi, (_, word: string) => ` ${word.toUpperCase()} `)
    .split(' ')
    .map(oneFromDebian)
    .join(' ');
}

function oneFromDebian(name: string): string {
  const known = debianNames[name];
  if (known !== undefined) return known;
  const [, family, major, minor = '.0', plus] = /^((?:A|L)?GPL|GFDL)-(\d)(\.\d)?(\+)?$/.exec(name) ?? [];
  return family === undefined
    ? name
    : `${family}-${major}${minor}-${plus === undefined ? 'only' : 'or-later'}`;
}

/** True for an expression of licences that SPDX lists. */
export function isExpression(text: string): boolean {
  try {
    parseExpression(text);
    return true;
  } catch {
    return false;
  }
}
