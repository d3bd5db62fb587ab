/** `Cargo.lock`: what a Rust program is made of. Those without a source are the program's own. */
import type { Package } from '../package.ts';
import { listOf, objectOf, textOf } from './values.ts';

export function parseCargoLock(text: string): Package[] {
  const { package: packages } = objectOf(Bun.TOML.parse(text));
  return listOf(packages).flatMap((each): Package[] => {
    const { name, version, source } = objectOf(each);
    const [crate, number] = [textOf(name), textOf(version)];
    if (crate === undefined || number === undefined || source === undefined) return [];
    return [{ kind: 'cargo', name: crate, version: number }];
  });
}
