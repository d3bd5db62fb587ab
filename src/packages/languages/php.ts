/** Packages of PHP: `composer.lock`, and `vendor/composer/installed.json` of what is installed. */
import type { Package } from '../package.ts';
import { listOf, objectOf, parseJson, textOf } from './values.ts';

/** Composer 1 has a list where composer 2 has an object with one. */
export function parseComposer(text: string): Package[] {
  const value = parseJson(text);
  const { packages, 'packages-dev': development } = objectOf(value);
  const all = Array.isArray(value) ? listOf(value) : [...listOf(packages), ...listOf(development)];
  return all.flatMap((each): Package[] => {
    const { name, version, license, homepage, description } = objectOf(each);
    const [known, number] = [textOf(name), textOf(version)];
    if (known === undefined || number === undefined || !/^[^/\s]+\/[^/\s]+$/.test(known)) return [];
    const licences = listOf(license).filter((one) => typeof one === 'string');
    const optional = {
      licence: licences.length > 1 ? `(${licences.join(' OR ')})` : licences[0],
      homepage: textOf(homepage),
      description: textOf(description),
    };
    const more = Object.fromEntries(Object.entries(optional).filter(([, one]) => one)) as Partial<Package>;
    return [{ kind: 'composer', name: known, version: number.replace(/^v(?=\d)/, ''), ...more }];
  });
}
